import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import {
  bernoulliNoise,
  fill,
  literal,
  normalNoise,
  placeholder,
  uniformNoise
} from "../../../src/domain/tensor/source.ts"
import { type BackendError, TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { float32, lists, vector } from "../../support/programs.ts"

const noNoise = { seed: 0, step: 0 }

/** State `total` [2] and `factor` []; a step adds `factor x` to the total. */
const accumulator = () => {
  const [total, factor, x] = [placeholder("total", [2]), placeholder("factor", []), placeholder("x", [2])]
  const next = add(total, multiply(factor, x))
  return makeProgram({
    name: "accumulator",
    state: { total, factor },
    inputs: { x },
    next: { total: next, factor },
    outputs: { before: total, after: next, squares: square(x) }
  })
}

const start = { total: vector(1, 2), factor: float32([10]) }

/** What every `TensorBackend` promises. Numbers here are small integers: exact in float32. */
export const backendContract = (name: string, layerUnderTest: Layer.Layer<TensorBackend, BackendError>): void => {
  describe(`${name}: the contract of TensorBackend`, () => {
    layer(layerUnderTest)((it) => {
      it.effect("begins with the given state, and hands each step the state of the one before", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [1, 2], factor: [10] })
          yield* executable.step({ inputs: { x: vector(1, 0) }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [11, 2], factor: [10] })
          yield* executable.step({ inputs: { x: vector(1, -1) }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [21, -8], factor: [10] })
          assert.deepStrictEqual(lists(yield* executable.readOutputs), {
            before: [11, 2],
            after: [21, -8],
            squares: [1, 1]
          })
        })
      )

      it.effect("gives results the shapes of the program", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          yield* executable.step({ inputs: { x: vector(1, 0) }, noise: noNoise })
          const { total, factor } = yield* executable.readState
          assert.deepStrictEqual([total?.shape, factor?.shape], [[2], []])
          assert.deepStrictEqual((yield* executable.readOutputs).after.shape, [2])
        })
      )

      it.effect("hands out copies: overwriting them changes nothing", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          yield* executable.step({ inputs: { x: vector(1, 0) }, noise: noNoise })
          ;(yield* executable.readState)["total"]?.values.fill(99)
          ;(yield* executable.readState)["factor"]?.values.fill(99)
          const outputs = yield* executable.readOutputs
          outputs.after.values.fill(99)
          outputs.before.values.fill(99)
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [11, 2], factor: [10] })
          assert.deepStrictEqual(lists(yield* executable.readOutputs), {
            before: [1, 2],
            after: [11, 2],
            squares: [1, 0]
          })
          yield* executable.step({ inputs: { x: vector(0, 1) }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [11, 12], factor: [10] })
        })
      )

      it.effect("takes copies: first state and inputs may be overwritten afterwards", () =>
        Effect.gen(function* () {
          const first = { total: vector(1, 2), factor: float32([10]) }
          const x = placeholder("x", [2])
          const kept = placeholder("kept", [2])
          const keeper = makeProgram({
            name: "keeper",
            state: { kept },
            inputs: { x },
            next: { kept: x },
            outputs: { x, twice: add(x, x) }
          })
          const backend = yield* TensorBackend
          const adding = yield* backend.compile(accumulator(), first)
          first.total.values.fill(77)
          first.factor.values.fill(77)
          assert.deepStrictEqual(lists(yield* adding.readState), { total: [1, 2], factor: [10] })
          const keeping = yield* backend.compile(keeper, { kept: vector(0, 0) })
          const input = vector(3, 4)
          yield* keeping.step({ inputs: { x: input }, noise: noNoise })
          input.values.fill(77)
          assert.deepStrictEqual(lists(yield* keeping.readState), { kept: [3, 4] })
          assert.deepStrictEqual(lists(yield* keeping.readOutputs), { x: [3, 4], twice: [6, 8] })
        })
      )

      it.effect("does not change inputs or the first state", () =>
        Effect.gen(function* () {
          const x = vector(1, 1)
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          yield* executable.step({ inputs: { x }, noise: noNoise })
          yield* executable.step({ inputs: { x }, noise: noNoise })
          assert.deepStrictEqual([...x.values], [1, 1])
          assert.deepStrictEqual(lists(start), { total: [1, 2], factor: [10] })
        })
      )

      it.effect("keeps two executables of one program apart", () =>
        Effect.gen(function* () {
          const backend = yield* TensorBackend
          const program = accumulator()
          const [one, other] = [yield* backend.compile(program, start), yield* backend.compile(program, start)]
          yield* one.step({ inputs: { x: vector(1, 1) }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* other.readState), { total: [1, 2], factor: [10] })
          assert.include((yield* Effect.flip(other.readOutputs)).message, "no step has been done yet")
          yield* other.step({ inputs: { x: vector(-1, -1) }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* one.readState), { total: [11, 12], factor: [10] })
          assert.deepStrictEqual(lists(yield* other.readState), { total: [-9, -8], factor: [10] })
        })
      )

      it.effect("does steps that are asked for at the same time one after the other", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          const steps = Array.from({ length: 8 }, () =>
            executable.step({ inputs: { x: vector(1, -1) }, noise: noNoise })
          )
          yield* Effect.all(steps, { concurrency: "unbounded" })
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [81, -78], factor: [10] })
        })
      )

      it.effect("fails to read outputs before the first step", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          const error = yield* Effect.flip(executable.readOutputs)
          assert.strictEqual(error._tag, "BackendError")
          assert.strictEqual(error.during, "read")
          assert.include(error.message, '"accumulator"')
        })
      )

      it.effect("refuses a first state that lacks a tensor or has one of another shape, by its path", () =>
        Effect.gen(function* () {
          const backend = yield* TensorBackend
          const wrong = [
            [{ total: start.total }, /state "factor" of shape \[\], but was given nothing/],
            [{ ...start, total: vector(1, 2, 3) }, /state "total" of shape \[2\], but was given \[3\] with 3/],
            [{ ...start, total: float32([1, 2], [1, 2]) }, /state "total" of shape \[2\], but was given \[1, 2\]/],
            [
              { ...start, total: { shape: [2], values: Float32Array.of(1) } },
              /\[2\], but was given \[2\] with 1 numbers/
            ]
          ] as const
          for (const [state, message] of wrong) {
            const error = yield* Effect.flip(backend.compile(accumulator(), state))
            assert.strictEqual(error._tag, "BackendError")
            assert.strictEqual(error.during, "compile")
            assert.match(error.message, message)
          }
        })
      )

      it.effect("ignores state that the program has not", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), { ...start, more: vector(1) })
          assert.deepStrictEqual(Object.keys(yield* executable.readState), ["total", "factor"])
        })
      )

      it.effect("refuses wrong inputs and noise keys, and keeps the state", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), start)
          const x = vector(1, 1)
          yield* executable.step({ inputs: { x }, noise: noNoise })
          const kept = lists(yield* executable.readState)
          const outputs = lists(yield* executable.readOutputs)
          const missing: { readonly x: typeof x } = JSON.parse("{}")
          const wrong = [
            [{ inputs: missing, noise: noNoise }, /input "x" of shape \[2\], but was given nothing/],
            [{ inputs: { x: vector(1) }, noise: noNoise }, /input "x" of shape \[2\], but was given \[1\]/],
            [{ inputs: { x: { shape: [2], values: Float32Array.of(1, 2, 3) } }, noise: noNoise }, /with 3 numbers/],
            [{ inputs: { x }, noise: { seed: -1, step: 0 } }, /noise.seed must be a non-negative safe integer, not -1/],
            [
              { inputs: { x }, noise: { seed: 0, step: 0.5 } },
              /noise.step must be a non-negative safe integer, not 0.5/
            ]
          ] as const
          for (const [call, message] of wrong) {
            const error = yield* Effect.flip(executable.step(call))
            assert.strictEqual(error.during, "run")
            assert.match(error.message, message)
          }
          assert.deepStrictEqual(lists(yield* executable.readState), kept)
          assert.deepStrictEqual(lists(yield* executable.readOutputs), outputs)
        })
      )

      it.effect("takes float64 numbers as well", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(accumulator(), {
            total: { shape: [2], values: Float64Array.of(1, 2) },
            factor: { shape: [], values: Float64Array.of(3) }
          })
          yield* executable.step({ inputs: { x: { shape: [2], values: Float64Array.of(1, 2) } }, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readState), { total: [4, 8], factor: [3] })
        })
      )

      it.effect("gives outputs that are one tensor, a placeholder, a constant, or the next state", () =>
        Effect.gen(function* () {
          const [a, b, x] = [placeholder("a", [2]), placeholder("b", [2]), placeholder("x", [2])]
          const joint = add(a, x)
          const program = makeProgram({
            name: "aliases",
            state: { a, b, copy: placeholder("copy", [2]), fixed: placeholder("fixed", [2]) },
            inputs: { x, unused: placeholder("unused", [3]) },
            // a and b change places; `copy` is computed twice over; `fixed` becomes a constant.
            next: { a: b, b: a, copy: joint, fixed: fill([2], 7) },
            outputs: {
              input: x,
              state: a,
              one: joint,
              other: joint,
              filled: fill([2, 2], 3),
              large: fill([40, 50], 2),
              literal: literal(vector(5, 6)),
              stretched: broadcast(x, [2, 2])
            }
          })
          const zero = vector(0, 0)
          const executable = yield* (yield* TensorBackend).compile(program, {
            a: vector(1, 2),
            b: vector(3, 4),
            copy: zero,
            fixed: zero
          })
          const inputs = { x: vector(10, 20), unused: vector(0, 0, 0) }
          yield* executable.step({ inputs, noise: noNoise })
          const { large, ...outputs } = lists(yield* executable.readOutputs)
          assert.deepStrictEqual(outputs, {
            input: [10, 20],
            state: [1, 2],
            one: [11, 22],
            other: [11, 22],
            filled: [3, 3, 3, 3],
            literal: [5, 6],
            stretched: [10, 20, 10, 20]
          })
          assert.deepStrictEqual([large?.length, new Set(large)], [2000, new Set([2])])
          const state = { a: [3, 4], b: [1, 2], copy: [11, 22], fixed: [7, 7] }
          assert.deepStrictEqual(lists(yield* executable.readState), state)
          yield* executable.step({ inputs, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readState), { ...state, a: [1, 2], b: [3, 4], copy: [13, 24] })
        })
      )

      it.effect("runs a program without inputs or state", () =>
        Effect.gen(function* () {
          const program = makeProgram<never, "y">({
            name: "constant",
            state: {},
            inputs: {},
            next: {},
            outputs: { y: fill([2], 3) }
          })
          const executable = yield* (yield* TensorBackend).compile(program, {})
          yield* executable.step({ inputs: {}, noise: noNoise })
          assert.deepStrictEqual(lists(yield* executable.readOutputs), { y: [3, 3] })
          assert.deepStrictEqual(yield* executable.readState, {})
        })
      )

      it.effect("takes placeholders of any name", () =>
        Effect.gen(function* () {
          // Names that a lowering may give to its own values, and names with separators.
          const names = ["value_0", "value_1", "constant_0", "_value_0", "a.b", "a b/c:0", "é'\""]
          const inputs = Object.fromEntries(names.map((key) => [`input ${key}`, placeholder(key, [2])]))
          const program = makeProgram<string, "y">({
            name: "names",
            state: {},
            inputs,
            next: {},
            outputs: { y: Object.values(inputs).reduce((total, x) => add(multiply(total, 2), x)) }
          })
          const executable = yield* (yield* TensorBackend).compile(program, {})
          const given = Object.fromEntries(Object.keys(inputs).map((key, i) => [key, vector(i, 1)]))
          yield* executable.step({ inputs: given, noise: noNoise })
          const expected = names.reduce(([a = 0, b = 0], _, i) => [2 * a + i, 2 * b + 1], [0, 0])
          assert.deepStrictEqual(lists(yield* executable.readOutputs), { y: expected })
        })
      )

      const draws = {
        normal: normalNoise("z", [3, 5]),
        uniform: uniformNoise("u", [7]),
        bernoulli: bernoulliNoise("mask", 0.3, [40])
      }
      const drawing = () =>
        makeProgram({
          name: "noise",
          state: { sum: placeholder("sum", []) },
          inputs: {},
          next: { sum: add(placeholder("sum", []), sum(draws.bernoulli)) },
          outputs: { ...draws, difference: subtract(draws.normal, normalNoise("z", [3, 5])) }
        })

      it.effect("draws the noise of domain/random to the bit, for every seed and step", () =>
        Effect.gen(function* () {
          const executable = yield* (yield* TensorBackend).compile(drawing(), { sum: float32([0]) })
          for (const noise of [
            { seed: 0, step: 0 },
            { seed: 0, step: 1 },
            { seed: 2 ** 40 + 1, step: 12_345 }
          ]) {
            yield* executable.step({ inputs: {}, noise })
            const outputs = lists(yield* executable.readOutputs)
            for (const [key, source] of Object.entries(draws)) {
              if (source.op !== "noise") throw new Error("a draw is a noise source")
              assert.deepStrictEqual(outputs[key], [...noiseNumbers(source, noise)])
            }
            assert.deepStrictEqual(new Set(outputs["difference"]), new Set([0]))
          }
        })
      )

      it.effect("gives the same numbers in every run of one seed, in whatever order steps are done", () =>
        Effect.gen(function* () {
          const backend = yield* TensorBackend
          const run = (steps: ReadonlyArray<number>) =>
            Effect.scoped(
              Effect.gen(function* () {
                const executable = yield* backend.compile(drawing(), { sum: float32([0]) })
                const seen: Record<number, unknown> = {}
                for (const step of steps) {
                  yield* executable.step({ inputs: {}, noise: { seed: 3, step } })
                  seen[step] = lists(yield* executable.readOutputs)
                }
                return { seen, state: lists(yield* executable.readState) }
              })
            )
          assert.deepStrictEqual(yield* run([0, 1, 2]), yield* run([2, 1, 0]))
        })
      )

      it.effect("fails after its scope is closed, and says so", () =>
        Effect.gen(function* () {
          const backend = yield* TensorBackend
          const call = { inputs: { x: vector(1, 1) }, noise: noNoise }
          const executable = yield* Effect.scoped(
            Effect.tap(backend.compile(accumulator(), start), (opened) => opened.step(call))
          )
          for (const use of [executable.step(call), executable.readOutputs, executable.readState]) {
            const error = yield* Effect.flip(Effect.asVoid(use))
            assert.strictEqual(error._tag, "BackendError")
            assert.include(error.message, "the scope it was compiled in is closed")
          }
        })
      )
    })
  })
}
