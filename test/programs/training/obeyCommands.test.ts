import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import type { Command } from "../../../src/domain/watch/Command.ts"
import { layerMemory as layerCheckpointMemory } from "../../../src/layers/checkpoint/memory.ts"
import { layerMemory as layerLogMemory } from "../../../src/layers/log/TrainingLog.ts"
import { type Orders, RunCommands } from "../../../src/layers/watch/RunCommands.ts"
import { obeyCommands } from "../../../src/programs/training/obeyCommands.ts"
import { checkpoints } from "../../../src/programs/training/runProgram.ts"
import { isDueNow, logEvery, type TrainingProgress } from "../../../src/programs/training/Training.ts"
import { eventsOf, noEvents } from "./tinyExperiment.ts"

const progressAt = (update: number): TrainingProgress => {
  const snapshot = Effect.succeed({ update, tensors: {}, metrics: { loss: update } })
  const data = { name: "none", digests: {} }
  const run = { program: "p", seed: 1, batchSize: 1, shards: 1, backend: "none", data }
  return { run, update, totalUpdates: 12, epoch: update, metrics: { loss: update }, snapshot, state: snapshot }
}

/** Twelve updates of a second each, logged, saved and drawn every 100 and at the end; told something after some of them. */
const told = Effect.fnUntraced(function* (commands: Readonly<Record<number, Command>>) {
  const events = yield* noEvents
  // It is looked for commands after each update but the first.
  let update = 1
  const take = Effect.sync(() => {
    update++
    return Object.entries(commands).flatMap(([at, command]) => (Number(at) === update ? [command] : []))
  })
  const orders: Orders = { every: new Map(), checkpoint: false }
  const drawn: Array<number> = []
  const exit = yield* Stream.range(1, 12).pipe(
    Stream.rechunk(1),
    Stream.map(progressAt),
    Stream.tap(() => TestClock.adjust("1 second")),
    obeyCommands,
    logEvery(100),
    checkpoints(100),
    Stream.tap((progress) =>
      Effect.map(isDueNow("images", 100)(progress), (due) => due && drawn.push(progress.update))
    ),
    Stream.runDrain,
    Effect.provide(Layer.merge(layerCheckpointMemory, layerLogMemory(events))),
    Effect.provideService(RunCommands, { take, orders }),
    Effect.exit
  )
  const all = yield* Ref.get(events)
  const updatesOf = (tag: "Progress" | "Checkpointed" | "Interrupted") => eventsOf(tag, all).map(({ update }) => update)
  return {
    exit,
    drawn,
    logged: updatesOf("Progress"),
    saved: updatesOf("Checkpointed"),
    interrupted: updatesOf("Interrupted"),
    said: eventsOf("Warned", all)
  }
})

describe("a run that obeys", () => {
  it.effect("does as planned while it is told nothing", () =>
    Effect.gen(function* () {
      const { logged, saved, drawn, said } = yield* told({})
      assert.deepStrictEqual([logged, saved, drawn], [[12], [12], [12]])
      assert.deepStrictEqual(said, [])
    })
  )

  it.effect("saves at once, and logs, saves and draws at other updates, each from then on", () =>
    Effect.gen(function* () {
      const { exit, logged, saved, drawn, said } = yield* told({
        2: { _tag: "Cadence", of: "log", everyUpdates: 3 },
        3: { _tag: "Checkpoint" },
        5: { _tag: "Cadence", of: "checkpoints", everyUpdates: 4 },
        7: { _tag: "Cadence", of: "images", everyUpdates: 5 }
      })
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual(logged, [3, 6, 9, 12])
      assert.deepStrictEqual(saved, [3, 8, 12])
      assert.deepStrictEqual(drawn, [10, 12])
      assert.deepStrictEqual(said[0], {
        _tag: "Warned",
        update: 2,
        message: "The run logs every 3 updates from here on, as it was told to."
      })
    })
  )

  it.effect("stops as by Ctrl-C: with a checkpoint, and nothing that was computed untold", () =>
    Effect.gen(function* () {
      const { exit, saved, interrupted, said } = yield* told({ 5: { _tag: "Stop" } })
      assert.isTrue(Exit.hasInterrupts(exit))
      assert.strictEqual(said.length, 1)
      assert.strictEqual(saved.length, 1)
      assert.deepStrictEqual(saved, interrupted)
    })
  )
})
