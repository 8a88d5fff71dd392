// Mutation testing: changes the source at one place after another (StrykerJS), runs the tests that mirror the folder, and says
// which changes no test notices. `npm run mutants` tries the folders below, `npm run mutants -- domain/random` only these;
// `npm run mutants -- domain/tensor/stages.ts` this file. `FOVEA_MUTANT_PROCESSES=1` leaves other cores alone,
// `FOVEA_MUTANT_TIMEOUT=240` (seconds, 20 if not set) is for a machine that is busy otherwise; for what code
// is tried on, see `oneProcessRunner.ts`.
// Texts are left as they are: most are messages, of which tests hold what they must name.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { dirname, join, relative, resolve } from "node:path"
import { parseArgs } from "node:util"
import { Stryker } from "@stryker-mutator/core"
import { equivalents } from "./equivalents.ts"
import { type FolderScore, type Mutant, mutantTable, scoreOf, share, staleEquivalents } from "./mutantTable.ts"

const root = resolve(import.meta.dirname, "../..")
const target = 0.92

const usual = [
  "domain/tensor",
  "domain/random",
  "domain/attention",
  "domain/checkpoint",
  "domain/data",
  "layers/lock",
  "layers/log",
  "layers/checkpoint"
]

/** Folders whose tests need nothing of Vitest but what `declaredTests.ts` has, which is much quicker. */
const inOneProcess = ["domain", "layers/lock", "layers/log", "layers/checkpoint"]

type StrykerResult = Awaited<ReturnType<Stryker["runMutationTest"]>>[number]

/** The text of a file between two places, counted from line 1 and column 1. */
const sourceBetween = ({ fileName, location: { start, end } }: StrykerResult): string => {
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line)
  const cut = lines.map((line, i) =>
    line.slice(i === 0 ? start.column - 1 : 0, i === lines.length - 1 ? end.column - 1 : undefined)
  )
  return cut.join("\n")
}

const mutantOf = (result: StrykerResult): Mutant => ({
  file: relative(root, resolve(root, result.fileName)),
  line: result.location.start.line,
  source: sourceBetween(result),
  replacement: result.replacement ?? "",
  status: result.status,
  ...(result.statusReason === undefined ? {} : { statusReason: result.statusReason })
})

const mutantsOf = async (asked: string): Promise<ReadonlyArray<Mutant>> => {
  const isFile = asked.endsWith(".ts")
  const folder = isFile ? dirname(asked) : asked
  process.env["FOVEA_MUTATED"] = folder
  const stryker = new Stryker({
    testRunner: inOneProcess.some((tried) => `${folder}/`.startsWith(`${tried}/`)) ? "one process" : "vitest",
    plugins: ["@stryker-mutator/vitest-runner", join(root, "test/mutants/oneProcessRunner.ts")],
    mutate: [isFile ? `src/${asked}` : `src/${folder}/**/*.ts`],
    // Not the tests that import what is mutated, which are nearly all, but those that mirror it.
    vitest: { configFile: "test/mutants/vitest.config.ts", related: false, pool: "forks" },
    mutator: { excludedMutations: ["StringLiteral"] },
    coverageAnalysis: "perTest",
    concurrency: Number(process.env["FOVEA_MUTANT_PROCESSES"] ?? availableParallelism()),
    reporters: ["progress"],
    tempDirName: "runs/mutants/sandbox",
    ignorePatterns: ["runs", "dist", "docs"],
    // Its reader of tsconfig.json needs TypeScript's JavaScript API, which version 7 does not have: it shall find none.
    tsconfigFile: "none.json",
    allowConsoleColors: false,
    timeoutMS: 1000 * Number(process.env["FOVEA_MUTANT_TIMEOUT"] ?? 20)
  })
  return (await stryker.runMutationTest()).map(mutantOf)
}

const usage = `npm run mutants -- [FOLDER or FILE.ts of src ..]
without a name: ${usual.join(", ")}
FOVEA_MUTANT_PROCESSES, FOVEA_MUTANT_TIMEOUT and FOVEA_MUTANT_SECONDS: docs/reliability.md`

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean", default: false } },
  allowPositionals: true
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const unknown = positionals.filter((name) => !existsSync(join(root, "src", name)))
if (unknown.length > 0) {
  console.error(`src has no ${unknown.join(", no ")}.\n${usage}`)
  process.exit(2)
}
const folders = positionals.length > 0 ? positionals : usual
const scores: Array<FolderScore> = []
const all: Array<Mutant> = []
for (const folder of folders) {
  const began = performance.now()
  const mutants = await mutantsOf(folder)
  all.push(...mutants)
  scores.push(scoreOf(folder, mutants, equivalents, (performance.now() - began) / 1000))
}

const list = (title: string, mutants: ReadonlyArray<Mutant>): void => {
  console.log(`\n${title}`)
  for (const { file, line, source, replacement, status } of mutants) {
    const short = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 100)
    const why = status === "NoCoverage" ? " (no test of the folder runs it)" : ""
    console.log(`  ${file}:${line}  ${short(source)}  ->  ${short(replacement)}${why}`)
  }
}
for (const { folder, unnoticed, slow } of scores) {
  list(`${folder}: ${unnoticed.length} changes that no test notices`, unnoticed)
  if (slow.length > 0)
    list(`${folder}: ${slow.length} are noticed by the clock alone, which load can cause as well`, slow)
}
for (const { file, source, replacement } of staleEquivalents(folders, all, equivalents)) {
  console.log(`\nequivalents/ excuses what is no survivor any more: ${file}: ${source} -> ${replacement}`)
}
console.log(`\n${mutantTable(scores)}`)
mkdirSync(join(root, "runs/mutants"), { recursive: true })
writeFileSync(join(root, "runs/mutants/scores.json"), JSON.stringify(scores, undefined, 2))
const total = {
  noticed: scores.reduce((sum, { noticed }) => sum + noticed, 0),
  unnoticed: scores.flatMap(({ unnoticed }) => unnoticed)
}
if (share(total) < target) {
  console.log(`\nThe score is below ${100 * target}%.`)
  process.exitCode = 1
}
