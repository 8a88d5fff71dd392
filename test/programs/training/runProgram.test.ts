import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type Examples, examples, floats } from "../../../src/domain/data/Examples.ts"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import type { Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, sgd } from "../../../src/domain/optim/optimizers.ts"
import { warmup } from "../../../src/domain/optim/schedule.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { make, type Program } from "../../../src/domain/program/Program.ts"
import { add, divide, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { size } from "../../../src/domain/tensor/movement.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerMemory as layerCheckpointMemory } from "../../../src/layers/checkpoint/memory.ts"
import { shuffled, streamed } from "../../../src/layers/dataset/BatchSource.ts"
import { layerSilent } from "../../../src/layers/log/TrainingLog.ts"
import { recipe } from "../../../src/programs/training/Recipe.ts"
import { checkpoints, type RunOptions, resumeProgram, runProgram } from "../../../src/programs/training/runProgram.ts"
import { assertSameBits } from "./tinyExperiment.ts"

const eleven = (scale: number): Examples<"x" | "y"> =>
  examples({
    x: floats(
      [2],
      Float32Array.from({ length: 22 }, (_, i) => Math.sin(scale * i))
    ),
    y: floats(
      [1],
      Float32Array.from({ length: 11 }, (_, i) => Math.cos(scale * i))
    )
  })

/** Least squares with noise, a schedule and an average: an update depends on all that a run goes on with. */
const lineOf = (optimizer: Optimizer, { name = "line", inputs = 2, batch = 4 } = {}) => {
  const line = learner(linearParameters(inputs, 1), optimizer)
  return make(name, {
    state: { line, average: ema(line, 0.9) },
    inputs: { x: [batch, inputs], y: [batch, 1] },
    step: ({ line, average }, { x, y }, key) => {
      const noisy = add(x, multiply(0.1, key("noise").normal([size(x, 0), inputs])))
      const { next, loss } = descend(line, (p) => mean(square(subtract(linear(p, noisy), y))))
      return { next: { line: next, average: follow(average, next.parameters) }, outputs: { loss } }
    }
  })
}
const line = lineOf(adam(warmup(0.1, 5)))
const options = { data: shuffled(eleven(1)), updates: 7, seed: 3 }

/** A store of its own for each use. */
const layerStore = Layer.mergeAll(layerCheckpointMemory, layerSilent)

const course = <Metric extends string>(program: Program<"x" | "y", Metric>, more: Partial<typeof options> = {}) =>
  runProgram(program, { ...options, ...more }).pipe(
    Stream.mapEffect(({ snapshot }) => snapshot),
    Stream.runCollect
  )

/** The same run, cut short by an interruption after `update`, and gone on with from its store. */
const resumedAt = (update: number) =>
  Effect.gen(function* () {
    yield* runProgram(line, options).pipe(
      checkpoints(100),
      Stream.tap((progress) => (progress.update === update ? Effect.interrupt : Effect.void)),
      Stream.runDrain,
      Effect.exit
    )
    const store = yield* CheckpointStore
    const held = yield* store.list
    const rest = yield* resumeProgram(line, options).pipe(
      Stream.mapEffect(({ snapshot }) => snapshot),
      Stream.runCollect
    )
    return { held, rest }
  }).pipe(Effect.provide(layerStore, { local: true }))

for (const [name, layer] of [
  ["reference", layerReference],
  ["onnxruntime", layerOnnxRuntime]
] as const) {
  describe(`a run on ${name}`, () => {
    it.effect("is a pure function of program and options, and depends on seed and data", () =>
      Effect.gen(function* () {
        const [first, again] = [yield* course(line), yield* course(line)]
        assert.deepStrictEqual(
          first.map(({ update }) => update),
          [1, 2, 3, 4, 5, 6, 7]
        )
        const metricsOf = (snapshots: typeof first) => snapshots.map(({ metrics }) => metrics["loss"])
        assert.deepStrictEqual(metricsOf(again), metricsOf(first))
        assertSameBits(again.at(-1)?.tensors ?? {}, first.at(-1)?.tensors ?? {})
        assert.notDeepEqual(metricsOf(yield* course(line, { seed: 4 })), metricsOf(first))
        assert.notDeepEqual(metricsOf(yield* course(line, { data: shuffled(eleven(2)) })), metricsOf(first))
      }).pipe(Effect.provide(layer))
    )

    it.effect("that was interrupted after any update and resumed is the undisturbed one, bit for bit", () =>
      Effect.gen(function* () {
        const whole = yield* course(line)
        for (let update = 1; update < options.updates; update++) {
          const { held, rest } = yield* resumedAt(update)
          assert.deepStrictEqual(held, [update])
          assert.deepStrictEqual(
            rest.map(({ update, metrics }) => [update, metrics]),
            whole.slice(update).map(({ update, metrics }) => [update, metrics])
          )
          assertSameBits(rest.at(-1)?.tensors ?? {}, whole.at(-1)?.tensors ?? {})
        }
      }).pipe(Effect.provide(layer))
    )
  })
}

describe("resuming", () => {
  it.effect("begins where there is no checkpoint, does nothing at the end, and goes on beyond it if asked", () =>
    Effect.gen(function* () {
      const first = yield* resumeProgram(line, options).pipe(checkpoints(3), Stream.runCollect)
      assert.deepStrictEqual(
        first.map(({ update }) => update),
        [1, 2, 3, 4, 5, 6, 7]
      )
      const store = yield* CheckpointStore
      assert.deepStrictEqual(yield* store.list, [3, 6, 7])
      assert.isTrue(Option.isNone(yield* Stream.runLast(resumeProgram(line, options))))
      const more = yield* resumeProgram(line, { ...options, updates: 9 }).pipe(
        Stream.mapEffect(({ snapshot }) => snapshot),
        Stream.runCollect
      )
      const whole = yield* course(line, { updates: 9 })
      assertSameBits(more.at(-1)?.tensors ?? {}, whole.at(-1)?.tensors ?? {})
    }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
  )

  it.effect("finds in a checkpoint what the run was: program, seed, data, shards, metrics and state", () =>
    Effect.gen(function* () {
      yield* runProgram(line, { ...options, updates: 2, shards: 2 }).pipe(checkpoints(100), Stream.runDrain)
      const { description, tensors } = Option.getOrThrow(yield* Effect.flatMap(CheckpointStore, ({ latest }) => latest))
      assert.deepInclude(description, {
        model: "line",
        seed: 3,
        update: 2,
        backend: "reference",
        dataset: { name: "memory", digests: options.data.digests }
      })
      assert.strictEqual(description.environment?.shards, 2)
      assert.deepStrictEqual(Object.keys(description.metrics), ["loss"])
      assert.sameMembers(Object.keys(tensors), Object.keys(line.specs))
    }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
  )
})

describe("a run that cannot go on from its checkpoint says why", () => {
  const withData = (other: Examples<"x" | "y">) => ({ ...options, data: shuffled(other) })
  const cases: Readonly<
    Record<string, readonly [Program<"x" | "y", string>, RunOptions<"x" | "y">, problem: string | RegExp]>
  > = {
    "another program": [
      lineOf(adam(warmup(0.1, 5)), { name: "curve" }),
      options,
      'it is one of "line", and the program is "curve"'
    ],
    "another seed": [line, { ...options, seed: 4 }, "it was made with the seed 3, not 4"],
    "other data": [
      line,
      withData(eleven(2)),
      /it was trained on other data: x differs: SHA-256 [0-9a-f]{64} there, SHA-256 [0-9a-f]{64} here/
    ],
    "another batch size": [
      lineOf(adam(warmup(0.1, 5)), { batch: 2 }),
      options,
      "it was trained by batches of 4, not 2"
    ],
    "another number of shards": [line, { ...options, shards: 2 }, "it was trained on 1 shard, not 2"],
    "another array besides": [
      line,
      withData(examples({ ...eleven(1).arrays, z: floats([], new Float32Array(11)) })),
      /it was trained on other data: z differs: none there, SHA-256/
    ],
    "an optimizer with less state": [
      lineOf(sgd(0.1)),
      options,
      'it has "line.optimizer.0.first.bias" [1], which the program\'s state has not'
    ],
    "an optimizer with other state": [
      lineOf(adam(0.1)),
      options,
      'it has no "line.optimizer.updates", which the program\'s state has as []'
    ]
  }
  it.effect.each(Object.entries(cases))("%s", ([, [program, given, problem]]) =>
    Effect.gen(function* () {
      yield* runProgram(line, { ...options, updates: 2 }).pipe(checkpoints(100), Stream.runDrain)
      const error = yield* Effect.flip(Stream.runDrain(resumeProgram(program, given)))
      assert.strictEqual(error._tag, "ResumeError")
      const place = "memory: the run cannot go on from its checkpoint of update 2: "
      if (typeof problem === "string") assert.strictEqual(error.message, `${place}${problem}`)
      else assert.match(error.message, new RegExp(`^${place}${problem.source}`))
    }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
  )

  it.effect("a parameter of another shape", () =>
    Effect.gen(function* () {
      const wide = lineOf(adam(warmup(0.1, 5)), { inputs: 3 })
      const data = shuffled(examples({ x: floats([3], new Float32Array(33)), y: floats([1], new Float32Array(11)) }), {
        digests: options.data.digests
      })
      yield* runProgram(line, { ...options, updates: 2 }).pipe(checkpoints(100), Stream.runDrain)
      const error = yield* Effect.flip(Stream.runDrain(resumeProgram(wide, { ...options, data })))
      assert.include(error.message, 'it has "line.parameters.weight" [2, 1], and the program\'s state has it as [3, 1]')
    }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
  )
})

describe("what a training needs of its data and gives of its outputs", () => {
  const wide = make("wide", {
    state: {},
    inputs: { x: [4, 2] },
    step: (_, { x }) => ({ outputs: { rows: sum(x, [1]) } })
  })
  const ink = make("ink", {
    state: { ink: { shape: [4], initialiser: { kind: "marginals", of: "mean", as: "value" } } },
    inputs: { x: [4, 2] },
    step: ({ ink }) => ({ outputs: { ink: sum(ink) } })
  })
  const oneArray = shuffled(examples({ x: floats([2], new Float32Array(10)) }))
  const trained = <E, R>(training: () => Stream.Stream<unknown, E, R>) => Stream.runDrain(training())
  for (const [name, way] of [
    ["run", runProgram],
    ["resume", resumeProgram]
  ] as const) {
    it.effect.each([
      [
        // @ts-expect-error: the data lack "y"
        () => way(line, { ...options, data: oneArray }),
        'ProgramError: line: has the input "y" [4, 1], and the data (memory) have "x" [2]'
      ],
      [
        () => way(wide, options),
        'ProgramError: wide: the output "rows" has shape [4]; what a training measures is a scalar, such as a mean or a sum'
      ],
      [() => way(line, { ...options, shards: 3 }), "RangeError: a batch of 4 cannot be divided among 3 shards"],
      [() => way(ink, options), 'RangeError: "ink" begins at the marginals of the data\'s pixels']
    ] as const)(`gives a mistake as a defect of the stream that ${name} returns: %#`, ([training, message]) =>
      Effect.gen(function* () {
        const exit = yield* Effect.exit(trained(training))
        assert.include(Exit.isFailure(exit) ? String(Cause.squash(exit.cause)) : "", message)
        assert.isTrue(Exit.hasDies(exit))
      }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
    )
  }

  it("is known to the compiler", () => {
    // @ts-expect-error: the program has inputs, and there are no data
    runProgram(line, { updates: 7, seed: 3 })
    // @ts-expect-error: neither may a recipe leave them out
    recipe({ program: line, updates: 7, seed: 3 })
    runProgram(line, options).pipe(
      // @ts-expect-error: the metric is "loss"
      Stream.map(({ metrics }) => metrics.los)
    )
  })

  it.effect("takes what it needs of more, on as many shards as it is told", () =>
    Effect.gen(function* () {
      const more = shuffled(examples({ z: floats([], new Float32Array(11)), ...eleven(1).arrays }))
      const [alone, shared] = [yield* course(line), yield* course(line, { data: more, updates: 7 })]
      assertSameBits(shared.at(-1)?.tensors ?? {}, alone.at(-1)?.tensors ?? {})
      const last = Option.getOrThrow(yield* Stream.runLast(runProgram(line, { ...options, shards: 4 })))
      const { loss = Number.NaN } = alone.at(-1)?.metrics ?? {}
      assert.closeTo(last.metrics.loss, loss, 1e-12)
      assert.strictEqual(last.run.shards, 4)
      const asMade = Option.getOrThrow(yield* Stream.runLast(runProgram(line.onShards(2), options)))
      assert.strictEqual(asMade.run.shards, 2)
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("ends at a metric that is not finite, or passes it on if told to", () =>
    Effect.gen(function* () {
      const broken = make("broken", {
        state: { w: { shape: [], initialiser: { kind: "constant", value: 3 } } },
        inputs: { x: [4, 2] },
        step: ({ w }, { x }) => ({
          next: { w: subtract(w, 1) },
          outputs: { loss: add(divide(1, w), multiply(0, mean(x))) }
        })
      })
      const error = yield* Effect.flip(Stream.runDrain(runProgram(broken, options)))
      assert.include(error.message, "after update 4, loss is Infinity")
      const passed = yield* Stream.runCollect(runProgram(broken, { ...options, notFinite: "pass" }))
      assert.deepStrictEqual([...passed].map(({ metrics }) => metrics.loss).slice(2, 5), [
        1,
        Number.POSITIVE_INFINITY,
        -1
      ])
    }).pipe(Effect.provide(layerReference))
  )
})

describe("a program without inputs", () => {
  const walk = make("walk", {
    state: { x: { shape: [3], initialiser: { kind: "constant", value: 0 } } },
    step: ({ x }, _, key) => {
      const next = add(x, key("step").normal([3]))
      return { next: { x: next }, outputs: { height: mean(next) } }
    }
  })
  const length = { updates: 6, seed: 3 }

  it.effect("is trained without data, and resumed as the run that would have been", () =>
    Effect.gen(function* () {
      const whole = yield* Stream.runCollect(runProgram(walk, length))
      assert.deepStrictEqual(
        whole.map(({ update, epoch }) => [update, epoch]),
        [1, 2, 3, 4, 5, 6].map((update) => [update, update])
      )
      assert.strictEqual(new Set(whole.map(({ metrics }) => metrics.height)).size, 6)
      yield* Stream.runDrain(runProgram(walk, { ...length, updates: 2 }).pipe(checkpoints(100)))
      const rest = yield* Stream.runCollect(resumeProgram(walk, length))
      assert.deepStrictEqual(
        rest.map(({ metrics }) => metrics),
        whole.slice(2).map(({ metrics }) => metrics)
      )
    }).pipe(Effect.provide([layerReference, layerStore], { local: true }))
  )

  it.effect("is not one with inputs whose data were left out in spite of the compiler", () =>
    Effect.gen(function* () {
      const { data: _, ...without } = options
      // @ts-expect-error: the data are missing
      const exit = yield* Effect.exit(Stream.runDrain(runProgram(line, without)))
      assert.include(String(exit), 'line: has the input "x" [4, 2], and there are no data')
    }).pipe(Effect.provide(layerReference))
  )
})

class ReadError extends Data.TaggedError("ReadError")<{ readonly file: string }> {}

describe("a stream of examples that fails", () => {
  it.effect("fails the training, in its own type, after the updates that it was enough for", () =>
    Effect.gen(function* () {
      const piece = {
        x: tensorData([6, 2], new Float32Array(12).fill(1)),
        y: tensorData([6, 1], new Float32Array(6))
      }
      const data = streamed({
        shapes: { x: [2], y: [1] },
        count: 12,
        epoch: () => Stream.concat(Stream.make(piece), Stream.fail(new ReadError({ file: "two.bin" })))
      })
      const seen: Array<number> = []
      const error = yield* runProgram(line, { ...options, data }).pipe(
        Stream.tap(({ update }) => Effect.sync(() => seen.push(update))),
        Stream.runDrain,
        Effect.flip
      )
      assert.strictEqual(error._tag, "ReadError")
      if (error._tag === "ReadError") assert.strictEqual(error.file, "two.bin")
      assert.deepStrictEqual(seen, [1])
    }).pipe(Effect.provide(layerReference))
  )
})
