import { spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { deepMerge, type SettingsJson } from "../../src/domain/experiment/presets.ts"
import { tinyJson } from "../programs/training/tinyExperiment.ts"

/** The command line's program. */
export const mainFile = fileURLToPath(new URL("../../src/programs/main.ts", import.meta.url))

/** A command of the small model's in a folder of its own, run by the real command line. */
export interface SmallRun {
  readonly folder: string
  readonly run: string
  readonly checkpoints: string
  /** Arguments of `fovea train` into another folder beside `run`. */
  readonly train: (name?: string) => ReadonlyArray<string>
}

/** Makes a new temporary folder below `place` with the settings of the small model, and lets it be used; removes it then. */
export const withSmallRun = async <A>(
  changes: SettingsJson,
  use: (small: SmallRun) => Promise<A>,
  place = tmpdir()
): Promise<A> => {
  const folder = mkdtempSync(join(place, "fovea-fault-"))
  try {
    const config = join(folder, "config.json")
    writeFileSync(config, JSON.stringify(deepMerge(tinyJson, changes)))
    const run = join(folder, "run")
    const train = (name = "run") => ["train", "--config", config, "--out", join(folder, name)]
    return await use({ folder, run, checkpoints: join(run, "checkpoints"), train })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of the command line. */
export interface Running {
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  readonly ended: Promise<Ended>
  /** Resolves when its standard output contains the text, or when it has ended. */
  readonly shown: (text: string) => Promise<void>
}

/** Starts the command line. */
export const start = (
  args: ReadonlyArray<string>,
  options: {
    readonly uid?: number
    readonly shell?: string
    /** Another file than the command line's own. */
    readonly main?: string
    /** What runs Node, with its own arguments. */
    readonly under?: ReadonlyArray<string>
  } = {}
): Running => {
  const { main = mainFile, under = [] } = options
  const command = [...under, process.execPath, main, ...args]
  const child =
    options.shell === undefined
      ? spawn(command[0] ?? "", command.slice(1), {
          stdio: ["ignore", "pipe", "pipe"],
          ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid })
        })
      : spawn("sh", ["-c", `${options.shell}; exec "$0" "$@"`, ...command], { stdio: ["ignore", "pipe", "pipe"] })
  let [stdout, stderr, over] = ["", "", false]
  const waiting = new Set<() => void>()
  const look = (): void => {
    for (const check of waiting) check()
  }
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
    look()
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => {
      over = true
      look()
      resolve({ code, stdout, stderr })
    })
  })
  const shown = (text: string) =>
    new Promise<void>((resolve) => {
      const check = (): void => {
        if (!over && !stdout.includes(text)) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
    })
  return { pid: child.pid ?? 0, kill: (signal) => child.kill(signal), ended, shown }
}

/** Updates of the checkpoints in a folder, by their names, ascending. */
export const updatesIn = (checkpoints: string): ReadonlyArray<number> => {
  try {
    return readdirSync(checkpoints)
      .flatMap((name) => /^update-(\d+)$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((left, right) => left - right)
  } catch {
    return []
  }
}

/** The bytes of the state of an update. */
export const stateOf = (checkpoints: string, update: number): Buffer =>
  readFileSync(join(checkpoints, `update-${String(update).padStart(8, "0")}`, "tensors.safetensors"))

export const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))
