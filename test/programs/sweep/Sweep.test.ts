import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import {
  Backends,
  CheckpointStore,
  Checkpoints,
  Data,
  ImageWriters,
  Logs,
  linear,
  linearParameters,
  Optim,
  Program,
  Sweep,
  Training
} from "../../../src/index.ts"
import { work } from "../../../src/programs/sweep/work.ts"
import { mean, square, subtract } from "../../../src/tensor.ts"

const x = Data.floats([1], Float32Array.of(-1, 0, 1, 2))
const y = Data.floats([1], Float32Array.of(-2, 0, 2, 4))
const trainings: Array<string> = []

const recipe = ({ rate, batch }: { readonly rate: number; readonly batch: number }) =>
  Training.recipe({
    program: Program.make("twice x", {
      state: { line: Program.learner(linearParameters(1, 1), Optim.sgd(rate)) },
      inputs: { x: [batch, 1], y: [batch, 1] },
      step: ({ line }, inputs) => {
        const { next, loss } = Program.descend(line, (p) => mean(square(subtract(linear(p, inputs.x), inputs.y))))
        return { next: { line: next }, outputs: { loss } }
      }
    }),
    data: Effect.sync(() => {
      trainings.push(`${rate} ${batch}`)
      return Data.shuffled(Data.examples({ x, y }))
    }),
    updates: 40,
    seed: 0
  })

const sweepOf = (name: string, rates: ReadonlyArray<number>) =>
  Sweep.make(name, {
    points: Sweep.grid({ rate: rates, batch: [2, 4] }),
    seeds: [1, 2],
    recipe,
    best: { measure: "loss", goal: "lowest" },
    stop: { bounds: [{ measure: "loss", update: 20, most: 1e4 }] }
  })

const sqlite = Layer.unwrap(
  Effect.map(
    FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped()),
    (folder) => Sweep.queueIn({ address: `sqlite:${folder}/sweeps.sqlite` })
  )
)

for (const [name, queue] of [
  ["memory", Sweep.memory],
  ["SQLite", sqlite]
] as const) {
  describe(`a sweep in code, on a queue in ${name}`, () => {
    it.live("trains every point once, ranks them, counts what went wrong, and trains nothing again", () =>
      Effect.gen(function* () {
        trainings.length = 0
        // A rate that leaves the numbers, and one that goes beyond the bound.
        const results = yield* Sweep.run(sweepOf("rates", [0.1, 0.01, 1e30, 3]), { workers: 2 })
        assert.strictEqual(results.points.length, 16)
        assert.deepStrictEqual(results.combinations[0]?.values, { rate: 0.1, batch: 2 })
        const [rates] = results.axes
        assert.deepStrictEqual(
          rates?.groups.map(({ values, standings }) => [values["rate"], standings]),
          [
            [0.01, { trained: 4 }],
            [0.1, { trained: 4 }],
            [3, { "out of bounds": 4 }],
            [1e30, { "not finite": 4 }]
          ]
        )
        const best = results.points.find(({ values }) => values["rate"] === 0.1)
        assert.isBelow(best?.measures["loss"] ?? 1, 1e-2)
        assert.match(best?.state ?? "", /^[0-9a-f]{64}$/)
        const count = trainings.length
        const more = yield* Sweep.run(sweepOf("more-rates", [0.1, 0.02]))
        // Once for each point to know its data, and once for each that has to be trained.
        assert.strictEqual(trainings.length - count, 8 + 4)
        assert.strictEqual(more.points[0]?.state, best?.state)
        assert.deepStrictEqual((yield* Sweep.run(sweepOf("more-rates", [0.1, 0.02]))).points, more.points)
      }).pipe(
        Effect.provide(queue),
        Effect.provide(Layer.mergeAll(Backends.reference, ImageWriters.sharp)),
        Effect.scoped,
        Effect.provide(NodeServices.layer)
      )
    )
  })
}

it.effect("a worker that is to train a sweep which is not there says so, instead of having nothing to do", () =>
  Effect.gen(function* () {
    const train = () => Effect.die("nothing is there to be trained")
    const error = yield* Effect.flip(work({ name: "w", engine: "reference", only: "mnie", train }))
    assert.strictEqual(error._tag, "UnknownSweepError")
    assert.include(error.message, "has no sweep mnie")
  }).pipe(Effect.provide(Sweep.memory))
)

it.live("a sweep's runs can be kept in the database of its queue, to be read by their points' ids", () =>
  Effect.gen(function* () {
    const one = Sweep.make("one", { points: [{ rate: 0.1, batch: 2 }], seeds: [1], recipe })
    const [point] = (yield* Sweep.run(one, { keep: Sweep.inDatabase })).points
    assert.isDefined(point)
    const store = yield* Effect.provide(CheckpointStore, Checkpoints.sql({ run: point.id }))
    assert.deepStrictEqual(yield* store.list, [40])
    const { records } = yield* Logs.readSql(point.id)
    assert.deepStrictEqual(records.map(({ event }) => event.update).slice(-2), [40, 40])
  }).pipe(
    Effect.provide(sqlite),
    Effect.provide(Layer.mergeAll(Backends.reference, ImageWriters.sharp)),
    Effect.scoped,
    Effect.provide(NodeServices.layer)
  )
)
