import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make, type Program } from "../../../src/domain/program/Program.ts"
import { add, divide, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { transpose } from "../../../src/domain/tensor/movement.ts"
import { ProgramError } from "../../../src/domain/tensor/Program.ts"
import { rowsOf } from "../../../src/domain/tensor/Sharding.ts"
import { noise, scalar, zeros } from "../../../src/domain/tensor/source.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { runSampler } from "../../../src/programs/sampling/runSampler.ts"

const batch = 4
const G = learner(linearParameters(3, 2), sgd(0.1))

/** Points and their sums, from noise of its own and a label. */
const points = make("points", {
  state: { G },
  inputs: { label: [batch, 1] },
  step: ({ G }, { label }, key) => {
    const drawn = add(linear(G.parameters, key("z").normal([batch, 3])), label)
    return { outputs: { points: drawn, sums: sum(drawn, [1]) } }
  }
})
const trained = initialState(
  make("training", {
    state: { G, other: learner(linearParameters(1, 1), sgd(1)) },
    step: () => ({ outputs: { one: scalar(1) } })
  }),
  1
)
const labels = (count: number): { readonly label: TensorData } => ({
  label: tensorData(
    [count, 1],
    Float32Array.from({ length: count }, (_, i) => 100 * i)
  )
})

/** The first samples of some, as lists. */
const firstOf = ({ shape, values }: TensorData, count: number) => {
  const size = values.length / (shape[0] ?? 1)
  return [...values.subarray(0, count * size)]
}

const defectOf = <A, E>(effect: Effect.Effect<A, E, TensorBackend>) =>
  Effect.map(Effect.exit(effect), (exit) => (Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined))

/** Fails unless an effect dies of this. */
const assertDies = <A, E>(
  effect: Effect.Effect<A, E, TensorBackend>,
  kind: typeof ProgramError | RangeErrorConstructor,
  message: string
) =>
  Effect.map(defectOf(effect), (defect) => {
    assert.instanceOf(defect, kind)
    assert.include(String(defect), message)
  })

describe("samples of a program", () => {
  it.effect("depend on seed, inputs and their number alone, however many are drawn", () =>
    Effect.gen(function* () {
      const draw = (count: number, seed = 5) => runSampler(points, trained, { count, seed, inputs: labels(count) })
      const all = yield* draw(11)
      assert.deepStrictEqual([all.points.shape, all.sums.shape], [[11, 2], [11]])
      // 100 i of the label is in each, and the noise of each its own.
      const residues = Array.from({ length: 11 }, (_, i) => (all.points.values[2 * i] ?? 0) - 100 * i)
      assert.isTrue(residues.every((x) => Math.abs(x) < 50))
      assert.strictEqual(new Set(residues.map((x) => x.toFixed(6))).size, 11)
      for (const count of [1, 3, 4, 5, 8, 10]) {
        const some = yield* draw(count)
        assert.deepStrictEqual([some.points.shape, some.sums.shape], [[count, 2], [count]])
        assert.deepStrictEqual(firstOf(some.points, count), firstOf(all.points, count))
        assert.deepStrictEqual(firstOf(some.sums, count), firstOf(all.sums, count))
      }
      assert.notDeepEqual(yield* draw(11, 6), all)
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("are given each its own row of the inputs", () =>
    Effect.gen(function* () {
      const echo = make("echo", {
        state: {},
        inputs: { x: [3, 2] },
        step: (_, { x }) => ({ outputs: { twice: multiply(x, 2) } })
      })
      const x = tensorData(
        [7, 2],
        Float32Array.from({ length: 14 }, (_, i) => i)
      )
      const { twice } = yield* runSampler(echo, {}, { count: 7, seed: 0, inputs: { x } })
      assert.deepStrictEqual(
        [...twice.values],
        [...x.values].map((value) => 2 * value)
      )
      const third = rowsOf({ index: 2, count: 7, examples: 1 }, x)
      assert.deepStrictEqual(
        [...(yield* runSampler(echo, {}, { count: 1, seed: 0, inputs: { x: third } })).twice.values],
        [8, 10]
      )
    }).pipe(Effect.provide(layerReference))
  )
})

describe("a sampler of several steps", () => {
  const normal: ParameterSpec = { shape: [batch, 2], initialiser: { kind: "normal", standardDeviation: 1 } }
  const weight: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 0.5 } }
  const halving = make("halving", {
    state: { x: normal, weight },
    step: ({ x, weight }) => {
      const next = multiply(x, weight)
      return { next: { x: next }, outputs: { x: next } }
    }
  })
  const half = { weight: tensorData([], Float32Array.of(0.5)) }

  it.effect("begins anew, and from other numbers, in every batch", () =>
    Effect.gen(function* () {
      const draw = (count: number, steps: number) => runSampler(halving, half, { count, seed: 2, steps })
      const [one, three] = [yield* draw(10, 1), yield* draw(10, 3)]
      assert.deepStrictEqual(
        [...three.x.values].map((x) => 4 * x),
        [...one.x.values]
      )
      // The first batch is that of the state's beginning, and no number is drawn twice.
      const { x } = initialState(halving, 2)
      assert.deepStrictEqual(
        firstOf(one.x, batch),
        [...(x?.values ?? [])].map((value) => value / 2)
      )
      assert.strictEqual(new Set(one.x.values).size, 20)
      for (const count of [1, 4, 5])
        assert.deepStrictEqual(firstOf((yield* draw(count, 3)).x, count), firstOf(three.x, count))
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("takes as many steps as the sampler says, unless it is told otherwise", () =>
    Effect.gen(function* () {
      const thrice = make("thrice", {
        state: { x: normal },
        steps: 3,
        step: ({ x }) => ({ next: { x: add(x, 1) }, outputs: { x: add(x, 1) } })
      })
      assert.deepStrictEqual([halving.steps, thrice.steps], [1, 3])
      const zeros = { x: tensorData([batch, 2], new Float32Array(8)) }
      const drawn = (steps?: number) =>
        runSampler(thrice, zeros, { count: 1, seed: 0, ...(steps === undefined ? {} : { steps }) })
      assert.deepStrictEqual([...(yield* drawn()).x.values], [3, 3])
      assert.deepStrictEqual([...(yield* drawn(2)).x.values], [2, 2])
      for (const steps of [0, 1.5, Number.NaN]) {
        assert.throws(
          () => make("none", { state: {}, steps, step: () => ({ outputs: { one: scalar(1) } }) }),
          RangeError,
          `none: ${steps} steps do not make a sample`
        )
      }
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("begins every batch with what it is given, if it is given its state", () =>
    Effect.gen(function* () {
      const ones = { ...half, x: tensorData([batch, 2], new Float32Array(8).fill(1)) }
      for (const steps of [1, 2]) {
        const { x } = yield* runSampler(halving, ones, { count: 9, seed: 0, steps })
        assert.deepStrictEqual(
          [...x.values],
          Array.from({ length: 18 }, () => 0.5 ** steps)
        )
      }
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("draws other noise in each step and batch", () =>
    Effect.gen(function* () {
      const walk = make("walk", {
        state: {
          x: { shape: [batch], initialiser: { kind: "constant", value: 0 } },
          last: { shape: [batch], initialiser: { kind: "constant", value: 0 } }
        },
        step: ({ x }, _, key) => {
          const step = key("step").normal([batch])
          return { next: { x: add(x, step), last: step }, outputs: { x: add(x, step), last: step } }
        }
      })
      const { x, last } = yield* runSampler(walk, {}, { count: 12, seed: 0, steps: 2 })
      const steps = [...last.values, ...last.values.map((step, i) => (x.values[i] ?? 0) - step)]
      assert.strictEqual(new Set(steps.map((step) => step.toFixed(6))).size, 24)
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("needs no marginals for parameters that it is given", () =>
    Effect.gen(function* () {
      const canvas: ParameterSpec = { shape: [2], initialiser: { kind: "marginals", of: "mean", as: "value" } }
      const program = make("canvas", {
        state: { canvas, x: normal },
        step: ({ canvas, x }) => ({ next: { x: divide(x, 2) }, outputs: { x: add(canvas, multiply(x, 0)) } })
      })
      const tensors = { canvas: tensorData([2], Float32Array.of(3, 4)) }
      const { x } = yield* runSampler(program, tensors, { count: 1, seed: 0, steps: 2 })
      assert.deepStrictEqual([...x.values], [3, 4])
    }).pipe(Effect.provide(layerReference))
  )
})

describe("a sampler for any batch", () => {
  /** What a program of 100 draws, and a backend that says for which batches it computes. */
  const steps: Array<number> = []
  const watched = Layer.effect(
    TensorBackend,
    Effect.map(TensorBackend, (backend) => {
      const compile: typeof backend.compile = (program, state) =>
        Effect.map(backend.compile(program, state), (executable) => ({
          ...executable,
          step: (call) => {
            steps.push(...Object.values<TensorData>(call.inputs).flatMap(({ shape }) => shape.slice(0, 1)))
            return executable.step(call)
          }
        }))
      return TensorBackend.of({ ...backend, compile })
    })
  ).pipe(Layer.provide(layerReference))
  const start: ParameterSpec = { shape: [], initialiser: { kind: "normal", standardDeviation: 1 } }
  const samplers: Readonly<Record<string, (batch: number) => Program<"label", "x">>> = {
    "of noise with the batch in front and behind, and a label": (size) =>
      make("noisy", {
        state: { G },
        inputs: { label: [size, 1] },
        step: ({ G }, { label }, key) => {
          const turned = transpose(noise("turned", { kind: "uniform" }, [2, size]), [1, 0])
          return { outputs: { x: add(add(linear(G.parameters, key("z").normal([size, 3])), turned), label) } }
        }
      }),
    "of steps that move a state": (size) =>
      make("moving", {
        state: { x: { ...start, shape: [size, 2] }, count: { ...start, initialiser: { kind: "constant", value: 1 } } },
        inputs: { label: [size, 1] },
        steps: 3,
        step: ({ x, count }, { label }, key) => {
          const next = add(multiply(x, count), multiply(label, key("z").bernoulli(0.5, [size, 2])))
          return { next: { x: next, count: add(count, 1) }, outputs: { x: next } }
        }
      }),
    "that divides by its batch, and so cannot be for any": (size) =>
      make("divided", {
        state: {},
        inputs: { label: [size, 1] },
        step: (_, { label }, key) => ({ outputs: { x: add(label, divide(key("z").normal([size, 2]), size)) } })
      })
  }

  it.effect.each(Object.keys(samplers))("%s: draws what the program of 100 does", (name) =>
    Effect.gen(function* () {
      const of = samplers[name]
      assert(of !== undefined)
      for (const count of [1, 16, 98, 130]) {
        const options = { count, seed: 3, inputs: labels(count) }
        steps.length = 0
        const some = yield* runSampler(of, trained, options)
        const sizes = new Set(steps)
        assert.deepStrictEqual(some, yield* runSampler(of(100), trained, options))
        if (name.startsWith("that")) assert.deepStrictEqual([...sizes], [100])
        else if (count <= 16) assert.isBelow(Math.max(...sizes), 17)
      }
    }).pipe(Effect.provide(watched))
  )
})

describe("a sampler that cannot draw says why", () => {
  const inputs = labels(5)
  it.effect("an input of another shape, or none", () =>
    Effect.gen(function* () {
      const wanted = 'points: the input "label" of 6 samples is [6, 1], '
      yield* assertDies(runSampler(points, trained, { count: 6, seed: 0, inputs }), ProgramError, `${wanted}not [5, 1]`)
      yield* assertDies(
        runSampler(points, trained, { count: 6, seed: 0 }),
        ProgramError,
        `${wanted}and it was not given`
      )
      yield* assertDies(
        // @ts-expect-error: the input is "label"
        runSampler(points, trained, { count: 6, seed: 0, inputs: { labels: inputs.label } }),
        ProgramError,
        `${wanted}and it was not given`
      )
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("parameters that were not given: nothing is drawn from untrained ones by mistake", () =>
    Effect.gen(function* () {
      const renamed = Object.fromEntries(
        Object.entries(trained).map(([path, data]) => [path.replace("G.", "g."), data])
      )
      const failureOf = (tensors: NamedTensors) =>
        Effect.map(Effect.flip(runSampler(points, tensors, { count: 5, seed: 0, inputs })), (error) => error.message)
      assert.include(
        yield* failureOf(renamed),
        '"points": it draws from "G.parameters.weight" [3, 2], which was not given: there are g.parameters.weight, g.parameters.bias'
      )
      assert.include(yield* failureOf({}), "there are no tensors")
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("outputs without one first axis", () =>
    Effect.gen(function* () {
      const drawing = (shapes: Readonly<Record<string, ReadonlyArray<number>>>) =>
        make("odd", {
          state: { x: { shape: [], initialiser: { kind: "constant", value: 0 } } },
          step: ({ x }) => ({
            next: { x: add(x, 1) },
            outputs: Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, zeros(shape)]))
          })
        })
      const message = "odd: a sampler's outputs have one first axis, which counts the samples of a step; it has "
      for (const [shapes, found] of [
        [{ a: [4, 2], b: [3] }, '"a" [4, 2], "b" [3]'],
        [{ a: [4, 2], loss: [] }, '"a" [4, 2], "loss" []'],
        [{ loss: [] }, '"loss" []'],
        [{}, "no outputs"]
      ] as const) {
        yield* assertDies(runSampler(drawing(shapes), {}, { count: 5, seed: 0 }), ProgramError, `${message}${found}`)
      }
    }).pipe(Effect.provide(layerReference))
  )

  it.effect("no samples, or no steps", () =>
    Effect.gen(function* () {
      for (const count of [0, -1, 1.5, Number.NaN]) {
        yield* assertDies(
          runSampler(points, trained, { count, seed: 0, inputs }),
          RangeError,
          `a sampler draws 1 or more samples, not ${count}`
        )
        yield* assertDies(
          runSampler(points, trained, { count: 5, steps: count, seed: 0, inputs }),
          RangeError,
          `a sampler draws 1 or more steps of each, not ${count}`
        )
      }
    }).pipe(Effect.provide(layerReference))
  )
})
