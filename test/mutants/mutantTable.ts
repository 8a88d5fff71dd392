import type { Equivalent } from "./Equivalent.ts"

/** One change of the source, and whether a test noticed it. */
export interface Mutant {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly source: string
  readonly replacement: string
  /** `NoCoverage`: no test of the folder runs that code; `Timeout`: the tests did not end, which is noticed. */
  readonly status: string
  /** Of a `Timeout`: `Hit limit reached` where a loop was counted and found to be endless; nothing where the clock alone said so. */
  readonly statusReason?: string
}

/** What a run over one folder came to. */
export interface FolderScore {
  readonly folder: string
  readonly noticed: number
  /** Those of the noticed that no test failed on: they took longer than the clock allows, which a busy machine can cause too. */
  readonly slow: ReadonlyArray<Mutant>
  readonly equivalent: number
  readonly unnoticed: ReadonlyArray<Mutant>
  readonly seconds: number
}

const noticedStates = new Set(["Killed", "Timeout"])
const unnoticedStates = new Set(["Survived", "NoCoverage"])

/** Stryker counts how often changed code runs: a hundred times as often as unchanged is no end. */
const isEndless = (statusReason: string | undefined): boolean => statusReason?.startsWith("Hit limit reached") === true

const matches = (mutant: Mutant) => (known: Equivalent) =>
  known.file === mutant.file && known.source === mutant.source && known.replacement === mutant.replacement

/** Counts the mutants of a folder; those that did not even compile or run (`CompileError`, `RuntimeError`, `Ignored`) are left out. */
export const scoreOf = (
  folder: string,
  mutants: ReadonlyArray<Mutant>,
  equivalents: ReadonlyArray<Equivalent>,
  seconds: number
): FolderScore => {
  const alive = mutants.filter(({ status }) => unnoticedStates.has(status))
  const unnoticed = alive.filter((mutant) => !equivalents.some(matches(mutant)))
  return {
    folder,
    noticed: mutants.filter(({ status }) => noticedStates.has(status)).length,
    slow: mutants.filter(({ status, statusReason }) => status === "Timeout" && !isEndless(statusReason)),
    equivalent: alive.length - unnoticed.length,
    unnoticed,
    seconds
  }
}

/** Equivalents of these folders that no surviving mutant matches any more: they excuse nothing. */
export const staleEquivalents = (
  folders: ReadonlyArray<string>,
  mutants: ReadonlyArray<Mutant>,
  equivalents: ReadonlyArray<Equivalent>
): ReadonlyArray<Equivalent> =>
  equivalents.filter(
    (known) =>
      folders.some((folder) => known.file.startsWith(`src/${folder}/`)) &&
      !mutants.some((mutant) => unnoticedStates.has(mutant.status) && matches(mutant)(known))
  )

/** The share of mutants that a test noticed, from 0 to 1; 1 where there are none. */
export const share = ({ noticed, unnoticed }: Pick<FolderScore, "noticed" | "unnoticed">): number =>
  noticed + unnoticed.length === 0 ? 1 : noticed / (noticed + unnoticed.length)

/** A Markdown table of scores, a row a folder and one of all, as docs/reliability.md has it. */
export const mutantTable = (scores: ReadonlyArray<FolderScore>): string => {
  const row = (name: string, all: ReadonlyArray<FolderScore>): string => {
    const noticed = all.reduce((sum, score) => sum + score.noticed, 0)
    const unnoticed = all.flatMap((score) => score.unnoticed)
    const equivalent = all.reduce((sum, score) => sum + score.equivalent, 0)
    const minutes = all.reduce((sum, { seconds }) => sum + seconds, 0) / 60
    const percent = (100 * share({ noticed, unnoticed })).toFixed(1)
    return `| ${name} | ${noticed} | ${unnoticed.length} | ${equivalent} | ${percent}% | ${minutes.toFixed(1)} |`
  }
  return [
    "| folder | noticed | unnoticed | equivalent | score | minutes |",
    "|---|---|---|---|---|---|",
    ...scores.map((score) => row(`\`${score.folder}\``, [score])),
    row("all", scores)
  ].join("\n")
}
