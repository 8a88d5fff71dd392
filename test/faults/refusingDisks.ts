import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { runFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { runExperiment } from "../../src/programs/training/runExperiment.ts"
import { assertSameBits, layerTinyData, tinySettings } from "../programs/training/tinyExperiment.ts"
import { failingFileSystem, type Refusal, refusals } from "./disk/failingFileSystem.ts"
import { memoryFolder } from "./disk/memoryFolder.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { runStores } from "./runStores.ts"
import { type Running, start, stateOf, updatesIn, withSmallRun } from "./smallRun.ts"

const settings = tinySettings({ reporting: { logEveryUpdates: 3, checkpointEveryEpochs: 1, milestoneEpochs: [1] } })

const runIn = (folder: string) => {
  const place = runFolder(folder)
  const stores = runStores(place)
  return runExperiment(settings, () => Effect.succeed([])).pipe(
    Effect.provide(Layer.mergeAll(stores, layerReference, layerTinyData), { local: true })
  )
}

const inTemporary = <A, E>(use: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>) =>
  FileSystem.FileSystem.use((fs) =>
    Effect.flatMap(fs.makeTempDirectoryScoped({ directory: memoryFolder, prefix: "fovea-refused-" }), (folder) =>
      use(join(folder, "run"))
    )
  ).pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise)

/**
 * A whole run whose file system refuses from some operation on. It must end with one error that names a path of the run and
 * says what to do, leave its last checkpoint valid, and go on to the same end once the file system is well.
 */
const refusedAt = (refusal: Refusal, allowed: number, expected: Tensors) =>
  inTemporary((folder) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const failing = failingFileSystem(fs, refusal, allowed)
      const exit = yield* runIn(folder).pipe(
        Effect.provideService(FileSystem.FileSystem, failing.fileSystem),
        Effect.exit
      )
      if (failing.refused() === 0) return "never refused"
      const problems: Array<string> = []
      if (Exit.isFailure(exit)) {
        const error = Cause.squash(exit.cause)
        const message = error instanceof Error ? error.message : String(error)
        const isClear =
          message.includes(folder) && message.includes(refusals[refusal]) && /\. [A-Z].*\.$/s.test(message)
        if (Cause.hasDies(exit.cause) || !isClear) problems.push(`not clear: ${message}`)
      }
      const place = runFolder(folder)
      yield* Effect.flatMap(CheckpointStore, ({ latest }) => latest).pipe(
        Effect.provide(layerFileSystem({ directory: place.checkpoints }), { local: true }),
        Effect.catch((error) => Effect.sync(() => problems.push(error.message)))
      )
      const { snapshot } = yield* runIn(folder)
      assertSameBits(snapshot.tensors, expected)
      return problems.join("; ")
    }).pipe(Effect.catchCause((cause) => Effect.succeed(`broken: ${Cause.pretty(cause)}`)))
  )

type Tensors = Awaited<ReturnType<typeof wholeRun>>

const wholeRun = () => inTemporary((folder) => Effect.map(runIn(folder), ({ snapshot }) => snapshot.tensors))

const layered = async (
  refusal: Refusal,
  { expected, stride, first }: { readonly expected: Tensors; readonly stride: number; readonly first: number }
): Promise<FaultCount> => {
  const problems: Array<string> = []
  let tried = 0
  for (let allowed = first; ; allowed += stride) {
    const found = await refusedAt(refusal, allowed, expected)
    if (found === "never refused") break
    tried++
    if (found !== "") problems.push(`after ${allowed} operations: ${found}`)
  }
  const note = problems[0] ?? "a fault layer over the real file system, refusing from one operation of a whole run on"
  return { what: `${refusal}, wherever a run meets it`, tried, losses: problems.length, note }
}

/** A real process that has to fail with one clear message, and to go on to its end once the cause is gone. */
const endsAndGoesOn = async (
  what: string,
  expected: RegExp,
  use: {
    readonly run: Running
    readonly mend: () => void
    readonly again: () => Running
    readonly isWhole: () => boolean
    /** What it ends with: 1 if not given. */
    readonly code?: number
  }
): Promise<FaultCount> => {
  const failed = await use.run.ended
  const problems: Array<string> = []
  const lines = failed.stderr.split("\n").filter((line) => line.trim() !== "")
  if (failed.code !== (use.code ?? 1) || !expected.test(failed.stderr) || lines.length > 4) {
    problems.push(`ended with ${failed.code}: ${failed.stderr}`)
  }
  use.mend()
  const again = await use.again().ended
  if (again.code !== 0) problems.push(`did not go on: ${again.stderr}`)
  else if (!use.isWhole()) problems.push("the end is not that of the uninterrupted run")
  const note = problems[0] ?? lines.at(-1)?.trim() ?? ""
  return { what, tried: 1, losses: problems.length, note }
}

const mountable = (): string | undefined => {
  const folder = mkdtempSync(join(tmpdir(), "fovea-mount-"))
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" })
    return folder
  } catch {
    rmSync(folder, { recursive: true })
    return undefined
  }
}

const longer = {
  training: { epochs: 40 },
  reporting: { logEveryUpdates: 2, checkpointEveryEpochs: 1, picturesEveryEpochs: 1000 }
}
const end = 240

const skipped = (what: string, why: string): FaultCount => ({ what, tried: 0, losses: 0, note: `skipped: ${why}` })

/** A small file system in memory, mounted for the purpose: full, and then read-only. */
const mounted = async (): Promise<ReadonlyArray<FaultCount>> => {
  const what = "a real disk that is full, or becomes read-only, under a process"
  if (process.platform !== "linux" || process.getuid?.() !== 0) return [skipped(what, "only root may mount on Linux")]
  const place = mountable()
  if (place === undefined) return [skipped(what, "this system does not let root mount")]
  try {
    const counts: Array<FaultCount> = []
    for (const kind of ["full", "read-only"] as const) {
      const count = await withSmallRun(
        longer,
        async (small) => {
          await start(small.train("whole")).ended
          const whole = stateOf(join(small.folder, "whole/checkpoints"), end)
          rmSync(join(small.folder, "whole"), { recursive: true })
          const ballast = join(place, "ballast")
          const remount = (mode: string) => execFileSync("mount", ["-o", `remount,${mode}`, place])
          let run = start(small.train())
          await run.shown("update 12: checkpoint")
          if (kind === "full") fill(place, ballast)
          else {
            // Nothing becomes read-only while a file is open for writing.
            run.kill("SIGINT")
            await run.ended
            remount("ro")
            run = start(small.train())
          }
          return endsAndGoesOn(
            kind === "full" ? "a real disk (1 MiB) that becomes full under a process" : "a real disk that is read-only",
            kind === "full" ? /run\/.*ENOSPC.*Free some space/s : /run\/.*EROFS.*read-only/s,
            {
              run,
              mend: () => (kind === "full" ? rmSync(ballast) : remount("rw")),
              again: () => start(small.train()),
              isWhole: () => stateOf(small.checkpoints, end).equals(whole)
            }
          )
        },
        place
      )
      counts.push(count)
    }
    return counts
  } finally {
    execFileSync("umount", ["-l", place])
    rmSync(place, { recursive: true, force: true })
  }
}

const fill = (place: string, ballast: string): void => {
  const { bavail, bsize } = statfsSync(place)
  writeFileSync(ballast, new Uint8Array(Math.max(bavail * bsize, 0)))
}

/** Another user's folder, and a limit of open files. */
const otherUser = async (): Promise<FaultCount> => {
  const what = "a real folder that belongs to somebody else"
  if (process.platform !== "linux" || process.getuid?.() !== 0) return skipped(what, "only root may be another user")
  const nobody = 65534
  return withSmallRun(longer, async (small) => {
    chmodSync(small.folder, 0o755)
    await start(small.train("whole")).ended
    mkdirSync(small.run)
    return endsAndGoesOn(what, /run\/.*EACCES.*Check the permissions/s, {
      run: start(small.train(), { uid: nobody }),
      mend: () => chownSync(small.run, nobody, nobody),
      again: () => start(small.train(), { uid: nobody }),
      isWhole: () => stateOf(small.checkpoints, end).equals(stateOf(join(small.folder, "whole/checkpoints"), end))
    })
  })
}

/** The run's folder moved away under a process. */
const vanished = (): Promise<FaultCount> =>
  withSmallRun(longer, async (small) => {
    await start(small.train("whole")).ended
    const run = start(small.train())
    await run.shown("update 12: checkpoint")
    const away = join(small.folder, "away")
    execFileSync("mv", [small.run, away])
    return endsAndGoesOn(
      "a real folder that is moved away under a process",
      /run\/.*ENOENT.*it was moved or removed/s,
      {
        run,
        code: 3,
        mend: () => {
          if (existsSync(small.run)) rmSync(small.run, { recursive: true })
          execFileSync("mv", [away, small.run])
        },
        again: () => start(small.train()),
        isWhole: () =>
          updatesIn(small.checkpoints).at(-1) === end &&
          stateOf(small.checkpoints, end).equals(stateOf(join(small.folder, "whole/checkpoints"), end))
      }
    )
  })

/** Disks that are full or read-only, folders that may not be written to or vanish, too many open files. */
export const refusingDisks: FaultPart = {
  name: "refusing disks",
  run: async ({ size, seed }) => {
    const counts: Array<FaultCount> = []
    const expected = await wholeRun()
    const stride = size === "full" ? 2 : 31
    for (const refusal of Object.keys(refusals) as ReadonlyArray<Refusal>) {
      counts.push(await layered(refusal, { expected, stride, first: seed % stride }))
    }
    if (size === "short") return counts
    return [...counts, ...(await mounted()), await otherUser(), await vanished()]
  }
}
