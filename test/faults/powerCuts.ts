import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import { uniform } from "../../src/domain/random/noise.ts"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { writeFileAtomically } from "../../src/layers/file/atomicWrite.ts"
import { layerJsonLines } from "../../src/layers/log/jsonLines.ts"
import { readJsonLines } from "../../src/layers/log/readJsonLines.ts"
import { TrainingLog } from "../../src/layers/log/TrainingLog.ts"
import { runFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { runExperiment } from "../../src/programs/training/runExperiment.ts"
import { checkpointOf } from "../layers/checkpoint/checkpointContract.ts"
import { progress } from "../layers/log/trainingEvents.ts"
import { assertSameBits, layerTinyData, tinySettings } from "../programs/training/tinyExperiment.ts"
import { memoryFolder } from "./disk/memoryFolder.ts"
import { cuts, type DiskContent, diskAfter } from "./disk/powerCut.ts"
import { recordingFileSystem } from "./disk/recordingFileSystem.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { runStores } from "./runStores.ts"

type Files = FileSystem.FileSystem | Path.Path

/** Something that is written, and what must be found of it after a power cut. */
interface Scenario {
  readonly what: string
  /** Writes below `root`; calls `done` after each action that has succeeded. */
  readonly act: (root: string, done: () => void) => Effect.Effect<void, unknown, Files>
  /** Fails unless what lies below `root` holds all of so many actions, and whole what it has of the next. */
  readonly check: (root: string, done: number) => Effect.Effect<void, unknown, Files>
  /** Choices to try among the uncertain changes at each moment. */
  readonly cuts: { readonly short: number; readonly full: number }
  /** How many moments are drawn; where none are, there is one after every step. */
  readonly moments?: { readonly short: number; readonly full?: number }
}

const holds = (condition: boolean, problem: string): Effect.Effect<void, string> =>
  condition ? Effect.void : Effect.fail(problem)

const saves = [
  { update: 1, value: 1 },
  { update: 2, value: 2 },
  { update: 3, value: 3 },
  { update: 3, value: 33 },
  { update: 4, value: 4 }
]

const storeAt = (directory: string) =>
  Effect.provide(CheckpointStore, layerFileSystem({ directory, keep: 2 }), { local: true })

const checkpoints: Scenario = {
  what: "power cuts while checkpoints are saved, replaced and pruned",
  act: (root, done) =>
    Effect.gen(function* () {
      const store = yield* storeAt(join(root, "runs/one/checkpoints"))
      for (const { update, value } of saves) {
        yield* store.save(checkpointOf(update, value))
        done()
      }
    }),
  check: (root, done) =>
    Effect.gen(function* () {
      const store = yield* storeAt(join(root, "runs/one/checkpoints"))
      const latest = yield* store.latest
      const found = Option.match(latest, {
        onNone: () => undefined,
        onSome: ({ tensors }) => tensors["generator.weight"]?.values[0]
      })
      const allowed = [saves[done - 1]?.value, saves[done]?.value]
      if (done === saves.length) allowed.pop()
      yield* holds(allowed.includes(found), `found ${found} after save ${done}`)
      // The run goes on: the leftovers of the cut do not stand in the way.
      yield* store.save(checkpointOf(9))
      yield* holds(
        Option.exists(yield* store.latest, ({ description }) => description.update === 9),
        "not saved anew"
      )
    }),
  cuts: { short: 1, full: 32 },
  moments: { short: 32 }
}

const texts = ["first", "second, and longer", "third"]

const wholeFiles: Scenario = {
  what: "power cuts while a file (results, report, image) is written and replaced",
  act: (root, done) =>
    Effect.gen(function* () {
      for (const text of texts) {
        yield* writeFileAtomically(join(root, "quick/report/results.json"), new TextEncoder().encode(text))
        done()
      }
    }),
  check: (root, done) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const text = Option.getOrUndefined(
        yield* Effect.option(fs.readFileString(join(root, "quick/report/results.json")))
      )
      const allowed = done === texts.length ? texts.slice(-1) : [texts[done - 1], texts[done]]
      yield* holds(allowed.includes(text), `found ${text} after write ${done}`)
    }),
  cuts: { short: 2, full: 64 }
}

const logged = 12

const log: Scenario = {
  what: "power cuts while the log grows and is thinned",
  act: (root, done) =>
    Effect.gen(function* () {
      const { record } = yield* TrainingLog
      for (let update = 1; update <= logged; update++) {
        yield* record(progress({ update }))
        yield* record({ _tag: "Interrupted", update })
        done()
      }
    }).pipe(Effect.provide(layerJsonLines(join(root, "run/log.jsonl"), { mostBytes: 2000 }), { local: true })),
  check: (root, done) =>
    Effect.gen(function* () {
      const path = join(root, "run/log.jsonl")
      yield* Effect.flatMap(TrainingLog, ({ record }) => record({ _tag: "Interrupted", update: 99 })).pipe(
        Effect.provide(layerJsonLines(path), { local: true })
      )
      const { records } = yield* readJsonLines(path)
      const found = records.flatMap(({ event }) => (event._tag === "Interrupted" ? [event.update] : []))
      for (const update of [...Array.from({ length: done }, (_, i) => i + 1), 99]) {
        yield* holds(found.includes(update), `record ${update} is gone after ${done}`)
      }
    }),
  cuts: { short: 1, full: 16 },
  moments: { short: 32 }
}

const tiny = tinySettings({ reporting: { checkpointEveryEpochs: 1, milestoneEpochs: [1] } })

const runIn = (root: string) => {
  const place = runFolder(join(root, "run"))
  const stores = runStores(place)
  return runExperiment(tiny, () => Effect.succeed([])).pipe(
    Effect.provide(Layer.mergeAll(stores, layerReference, layerTinyData), { local: true })
  )
}

const wholeRuns: Scenario = {
  what: "power cuts anywhere in a whole run, which then goes on to its end",
  act: (root) => Effect.asVoid(runIn(root)),
  check: (root) =>
    Effect.gen(function* () {
      const expected = yield* Effect.scoped(
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          return (yield* runIn(yield* fs.makeTempDirectoryScoped({ directory: memoryFolder, prefix: "fovea-uncut-" })))
            .snapshot
        })
      )
      const { snapshot } = yield* runIn(root)
      assertSameBits(snapshot.tensors, expected.tensors)
    }),
  cuts: { short: 1, full: 2 },
  moments: { short: 1, full: 12 }
}

const scenarios: ReadonlyArray<Scenario> = [checkpoints, wholeFiles, log, wholeRuns]

/** Puts a disk's content below a new folder, lets it be used, and removes it. */
const onDisk = async <A>(content: DiskContent, use: (root: string) => Promise<A>): Promise<A> => {
  const root = mkdtempSync(join(memoryFolder, "fovea-cut-"))
  try {
    for (const [path, bytes] of content) {
      if (bytes === "folder") mkdirSync(join(root, path))
      else writeFileSync(join(root, path), bytes)
    }
    return await use(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const keyOf = (content: DiskContent): string =>
  JSON.stringify(
    [...content].map(([path, bytes]) => [path, bytes === "folder" ? 0 : Buffer.from(bytes).toString("latin1")])
  )

const tryScenario = async (scenario: Scenario, size: "short" | "full", seed: number): Promise<FaultCount> => {
  const marks: Array<number> = []
  const steps = await onDisk(new Map(), (root) =>
    Effect.gen(function* () {
      const recording = recordingFileSystem(yield* FileSystem.FileSystem, root)
      yield* scenario
        .act(root, () => marks.push(recording.steps.length))
        .pipe(Effect.provideService(FileSystem.FileSystem, recording.fileSystem))
      return recording.steps
    }).pipe(Effect.provide(NodeServices.layer), Effect.runPromise)
  )
  let draws = 0
  const draw = (): number => uniform({ seed, stream: scenario.what, step: draws++ }, 1)[0] ?? 0
  const wanted = scenario.moments?.[size]
  const moments =
    wanted === undefined
      ? Array.from({ length: steps.length + 1 }, (_, count) => count)
      : Array.from({ length: wanted }, () => Math.floor(draw() * (steps.length + 1)))
  const problems: Array<string> = []
  let tried = 0
  for (const moment of moments) {
    const done = marks.filter((mark) => mark <= moment).length
    const seen = new Set<string>()
    for (const content of cuts(diskAfter(steps.slice(0, moment)), scenario.cuts[size], draw)) {
      const key = keyOf(content)
      if (seen.has(key)) continue
      seen.add(key)
      tried++
      const exit = await onDisk(content, (root) =>
        scenario.check(root, done).pipe(Effect.provide(NodeServices.layer), Effect.exit, Effect.runPromise)
      )
      if (Exit.isFailure(exit)) problems.push(`cut after step ${moment}: ${String(exit.cause)}`)
    }
  }
  const [first] = problems
  const note =
    first ??
    `${steps.length} steps; ${wanted === undefined ? "every step" : `${wanted} drawn moments`}, torn and unsynced data, names in any order`
  return { what: scenario.what, tried, losses: problems.length, note }
}

/** Cuts the power at every step of everything that is written so as to survive it. */
export const powerCuts: FaultPart = {
  name: "power cuts",
  run: async ({ size, seed }) => {
    const counts: Array<FaultCount> = []
    for (const scenario of scenarios) counts.push(await tryScenario(scenario, size, seed))
    return counts
  }
}
