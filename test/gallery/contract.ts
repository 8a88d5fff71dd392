import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { Backends, Checkpoints, Exchange, ImageWriters, Logs, Sampling, Training } from "fovea"
import type { NamedTensors, TensorData } from "fovea/tensor"
import type { TrainingEvent } from "../../src/domain/experiment/TrainingEvent.ts"
import type { Program } from "../../src/domain/program/Program.ts"
import { openOnnx } from "../layers/exchange/runOnnx.ts"
import { assertSameBits } from "../programs/training/tinyExperiment.ts"
import { interruptedAt } from "../support/trainedExperiments.ts"

/** How small a recipe is run, and what must come of it. */
export interface Small<Input extends string, Metric extends string> {
  /** In the place of the recipe's own: enough examples for a batch. */
  readonly data?: Training.Recipe<Input, Metric>["data"]
  /** 40 if left out. */
  readonly updates?: number
  /** Metrics whose mean over the last quarter of the updates must lie below, or above, that over the first. */
  readonly moves: { readonly [M in Metric]?: "falls" | "rises" }
  /** What the sampler is given for so many samples. */
  readonly inputs?: (count: number) => Readonly<Record<string, TensorData>>
  /** Steps to a sample, for a sampler with a state of its own. */
  readonly steps?: number
  /** Whether the recipe's `show` is done as well, in a folder of its own; it is unless this is false. */
  readonly shown?: boolean
}

/** What a recipe came to: for what else a test asks of it. */
export interface Outcome {
  /** Of each update. */
  readonly metrics: ReadonlyArray<Readonly<Record<string, number>>>
  readonly tensors: NamedTensors
  /** Outputs of the sampler; none where there is no sampler. */
  readonly samples: Readonly<Record<string, TensorData>>
}

/**
 * What every program of the gallery must do, in small, on ONNX Runtime: train so that its measures move; interrupted after half of
 * the updates and gone on with from the memory's `CheckpointStore`, be the same to the bit; show its result; be sampled, five samples as
 * the first five of seven; and be exported to a file that onnxruntime-node opens (unless a step changes the sampler's state).
 */
export const keepsContract = <Input extends string, Metric extends string>(
  { show, ...recipe }: Training.Recipe<Input, Metric>,
  { data = recipe.data, updates = 40, moves, inputs, steps, shown = true }: Small<Input, Metric>
): Effect.Effect<Outcome, unknown> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-gallery-" })
    const small = { ...recipe, data, updates, logEvery: 1, checkpointEvery: updates }
    const whole = yield* logged((events) => Effect.provide(Training.trainRecipe(small, folder), world(events)))
    assertMoves(whole.metrics, moves)

    const stopped = Math.ceil(updates / 2)
    const halves = yield* logged((events) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(interruptedAt(stopped, Training.trainRecipe(small, folder)))
        assert.isTrue(Exit.hasInterrupts(exit), `it was not interrupted after update ${stopped}`)
        return yield* Training.trainRecipe(show === undefined || !shown ? small : { ...small, show }, folder)
      }).pipe(Effect.provide(world(events)))
    )
    assertSameBits(halves.result, whole.result)
    assert.deepStrictEqual(halves.metrics, whole.metrics, "each update once, with the same metrics")

    const tensors = whole.result
    if (recipe.sampler === undefined) return { metrics: whole.metrics, tensors, samples: {} }
    const draw = (count: number) => drawn(recipe.sampler?.(5), tensors, count, inputs, steps)
    const samples = yield* draw(7)
    assertFirst(yield* draw(5), samples)
    const sampler = recipe.sampler(1)
    if (Object.entries(sampler.next).every(([path, next]) => next === sampler.state[path])) {
      const file = `${folder}/sampler.onnx`
      yield* Exchange.exportProgram(recipe.sampler, tensors, file)
      const bytes = yield* fs.readFile(file)
      const { outputs } = yield* Effect.promise(() => openOnnx(bytes))
      assert.sameMembers(Object.keys(outputs), Object.keys(sampler.outputs))
    }
    return { metrics: whole.metrics, tensors, samples }
  }).pipe(Effect.scoped, Effect.provide(engine))

const engine = Layer.mergeAll(Backends.onnxRuntime, ImageWriters.sharp).pipe(Layer.provideMerge(NodeServices.layer))

const world = (events: Ref.Ref<ReadonlyArray<TrainingEvent>>) => Layer.merge(Checkpoints.memory, Logs.memory(events))

/** The result of a training, and the metrics that it logged. */
const logged = <A, E, R>(train: (events: Ref.Ref<ReadonlyArray<TrainingEvent>>) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const events = yield* Ref.make<ReadonlyArray<TrainingEvent>>([])
    const result = yield* train(events)
    const metrics = (yield* Ref.get(events)).flatMap((event) => (event._tag === "Progress" ? [event.metrics] : []))
    return { result, metrics }
  })

const assertMoves = (
  metrics: Outcome["metrics"],
  moves: Readonly<Record<string, "falls" | "rises" | undefined>>
): void => {
  assert.isNotEmpty(Object.keys(moves))
  const quarter = Math.ceil(metrics.length / 4)
  const mean = (some: Outcome["metrics"], name: string) =>
    some.reduce((sum, of) => sum + (of[name] ?? Number.NaN), 0) / some.length
  for (const [name, way] of Object.entries(moves)) {
    const [first, last] = [mean(metrics.slice(0, quarter), name), mean(metrics.slice(-quarter), name)]
    if (way === "falls") assert.isBelow(last, first, name)
    else assert.isAbove(last, first, name)
  }
}

const drawn = (
  sampler: Program | undefined,
  tensors: NamedTensors,
  count: number,
  inputs: Small<string, string>["inputs"],
  steps: number | undefined
) =>
  sampler === undefined
    ? Effect.die("there is no sampler")
    : Sampling.run(sampler, tensors, {
        count,
        seed: 9,
        ...(inputs === undefined ? {} : { inputs: inputs(count) }),
        ...(steps === undefined ? {} : { steps })
      })

/** Samples are finite numbers, and the first of more are the same. */
const assertFirst = (few: Outcome["samples"], many: Outcome["samples"]): void => {
  assert.isNotEmpty(Object.keys(few))
  for (const [name, { shape, values }] of Object.entries(few)) {
    assert.isTrue(values.every(Number.isFinite), `samples of ${name} are finite`)
    assert.strictEqual(shape[0], 5)
    const first = many[name]?.values.subarray(0, values.length)
    assert.deepStrictEqual(first === undefined ? undefined : [...first], [...values], name)
  }
}
