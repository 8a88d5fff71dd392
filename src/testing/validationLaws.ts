import * as Effect from "effect/Effect"
import { programForAnyBatch } from "../domain/tensor/anyBatch.ts"
import { add, multiply } from "../domain/tensor/arithmetic.ts"
import { sum } from "../domain/tensor/broadcast.ts"
import { concatenate, reshape } from "../domain/tensor/movement.ts"
import { makeProgram } from "../domain/tensor/Program.ts"
import { pmean } from "../domain/tensor/pmean.ts"
import { mean } from "../domain/tensor/reduction.ts"
import { full, placeholder } from "../domain/tensor/source.ts"
import { type StepCall, TensorBackend } from "../layers/backend/TensorBackend.ts"
import { accumulator, accumulatorStart, adding, noNoise } from "./accumulator.ts"
import { expectFailure, expectNumbers, expectThat } from "./expectations.ts"
import { type Law, makeLaw } from "./Law.ts"
import { float32, lists, vector } from "./programs.ts"

const started = Effect.flatMap(TensorBackend, (backend) => backend.compile(accumulator(), accumulatorStart()))

/** What passes between a backend and its users: copies both ways, and errors that say what does not fit. */
export const validationLaws: ReadonlyArray<Law> = [
  makeLaw(
    "border",
    "what is read is a copy: overwriting it changes nothing",
    Effect.gen(function* () {
      const executable = yield* started
      yield* executable.step(adding(1, 0))
      for (const { values } of Object.values(yield* executable.readState)) values.fill(99)
      for (const { values } of Object.values(yield* executable.readOutputs)) values.fill(99)
      yield* expectNumbers(yield* executable.readState, { total: [11, 2], factor: [10] }, "the state")
      const outputs = { before: [1, 2], after: [11, 2], squares: [1, 0] }
      yield* expectNumbers(yield* executable.readOutputs, outputs, "the output")
      yield* executable.step(adding(0, 1))
      yield* expectNumbers(yield* executable.readState, { total: [11, 12], factor: [10] }, "the state after a step")
    })
  ),

  makeLaw(
    "border",
    "what is given is copied: the first state and inputs may be overwritten afterwards",
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const first = accumulatorStart()
      const executable = yield* backend.compile(accumulator(), first)
      first.total.values.fill(77)
      first.factor.values.fill(77)
      yield* expectNumbers(yield* executable.readState, { total: [1, 2], factor: [10] }, "the first state")
      const [x, kept] = [placeholder("x", [2]), placeholder("kept", [2])]
      const keeper = makeProgram({
        name: "keeper",
        state: { kept },
        inputs: { x },
        next: { kept: x },
        outputs: { x, twice: add(x, x) }
      })
      const keeping = yield* backend.compile(keeper, { kept: vector(0, 0) })
      const input = vector(3, 4)
      yield* keeping.step({ inputs: { x: input }, noise: noNoise })
      input.values.fill(77)
      yield* expectNumbers(yield* keeping.readState, { kept: [3, 4] }, "the state")
      yield* expectNumbers(yield* keeping.readOutputs, { x: [3, 4], twice: [6, 8] }, "the output")
    })
  ),

  makeLaw(
    "border",
    "steps do not change inputs or the first state",
    Effect.gen(function* () {
      const [x, first] = [vector(1, 1), accumulatorStart()]
      const executable = yield* (yield* TensorBackend).compile(accumulator(), first)
      yield* executable.step({ inputs: { x }, noise: noNoise })
      yield* executable.step({ inputs: { x }, noise: noNoise })
      yield* expectNumbers({ x, ...first }, { x: [1, 1], total: [1, 2], factor: [10] }, "what was given as")
    })
  ),

  makeLaw(
    "border",
    "numbers in float64 are taken as well",
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(accumulator(), {
        total: { shape: [2], values: Float64Array.of(1, 2) },
        factor: { shape: [], values: Float64Array.of(3) }
      })
      const x = { shape: [2], values: Float64Array.of(1, 2) }
      yield* executable.step({ inputs: { x }, noise: noNoise })
      yield* expectNumbers(yield* executable.readState, { total: [4, 8], factor: [3] }, "the state")
    })
  ),

  makeLaw(
    "border",
    "state that the program has not is ignored",
    Effect.gen(function* () {
      const first = { ...accumulatorStart(), more: vector(1) }
      const executable = yield* (yield* TensorBackend).compile(accumulator(), first)
      yield* expectNumbers(yield* executable.readState, { total: [1, 2], factor: [10] }, "the state")
    })
  ),

  makeLaw(
    "border",
    "a first state that does not fit is refused, by its path and shapes",
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const { total, factor } = accumulatorStart()
      const wrong = [
        [{ total }, ['"factor"', "[]", "nothing"]],
        [{ total: vector(1, 2, 3), factor }, ['"total"', "[2]", "[3]"]],
        [{ total: float32([1, 2], [1, 2]), factor }, ['"total"', "[2]", "[1, 2]"]],
        [{ total: { shape: [2], values: Float32Array.of(1) }, factor }, ['"total"', "[2]", "1 numbers"]]
      ] as const
      for (const [state, mentioned] of wrong) {
        const compile = Effect.scoped(backend.compile(accumulator(), state))
        yield* expectFailure(compile, "compile", ['"accumulator"', ...mentioned], "compiling with a wrong first state")
      }
    })
  ),

  makeLaw(
    "border",
    "wrong inputs and noise keys are refused by their names, and the state stays",
    Effect.gen(function* () {
      const executable = yield* started
      yield* executable.step(adding(1, 1))
      const [state, outputs] = [lists(yield* executable.readState), lists(yield* executable.readOutputs)]
      const x = vector(1, 1)
      const missing: { readonly x: typeof x } = JSON.parse("{}")
      const wrong: ReadonlyArray<readonly [StepCall<"x">, ReadonlyArray<string>]> = [
        [{ inputs: missing, noise: noNoise }, ['"x"', "[2]", "nothing"]],
        [{ inputs: { x: vector(1) }, noise: noNoise }, ['"x"', "[2]", "[1]"]],
        [{ inputs: { x: { shape: [2], values: Float32Array.of(1, 2, 3) } }, noise: noNoise }, ['"x"', "3 numbers"]],
        [{ inputs: { x }, noise: { seed: -1, step: 0 } }, ["noise.seed", "-1"]],
        [{ inputs: { x }, noise: { seed: 0, step: 0.5 } }, ["noise.step", "0.5"]]
      ]
      for (const [call, mentioned] of wrong) {
        yield* expectFailure(executable.step(call), "run", ['"accumulator"', ...mentioned], "a step with a wrong call")
      }
      yield* expectNumbers(yield* executable.readState, state, "after refused steps, the state")
      yield* expectNumbers(yield* executable.readOutputs, outputs, "after refused steps, the output")
    })
  ),

  makeLaw(
    "border",
    "a program of several shards is run on the whole batch, or refused: never run as one shard",
    Effect.gen(function* () {
      const [total, x] = [placeholder("total", []), placeholder("x", [2])]
      const share = pmean(mean(x))
      const program = makeProgram({
        name: "shared",
        state: { total },
        inputs: { x },
        next: { total: add(total, share) },
        outputs: { share },
        shards: { count: 2, examples: 2, inputs: ["x"] }
      })
      const run = Effect.gen(function* () {
        const executable = yield* (yield* TensorBackend).compile(program, { total: float32([10]) })
        yield* executable.step({ inputs: { x: vector(1, 3, 5, 7) }, noise: noNoise })
        return [yield* executable.readState, yield* executable.readOutputs] as const
      })
      const result = yield* Effect.result(run)
      if (result._tag === "Failure") {
        yield* expectThat(result.failure.message.includes("shards"), () => `refused for ${result.failure.message}`)
        return
      }
      const [state, outputs] = result.success
      yield* expectNumbers(state, { total: [14] }, "the state")
      yield* expectNumbers(outputs, { share: [4] }, "the output")
    })
  ),

  makeLaw(
    "border",
    "a program for any batch takes that of its inputs, another at every step, and inputs of one batch alone",
    Effect.gen(function* () {
      const weight = placeholder("weight", [2])
      const program = programForAnyBatch((batch) => {
        const [x, y] = [placeholder("x", [batch, 2]), placeholder("y", [batch])]
        const joined = concatenate([multiply(x, weight), full([batch, 1], 7)], 1)
        const flat = add(reshape(joined, [3 * batch]), sum(y))
        const outputs = { joined: reshape(flat, [batch, 3]), y: add(y, 1) }
        return makeProgram({ name: "any", state: { weight }, inputs: { x, y }, next: { weight }, outputs })
      })
      const executable = yield* (yield* TensorBackend).compile(program, { weight: vector(1, 10) })
      yield* expectFailure(executable.readOutputs, "read", ['"any"'], "reading outputs before the first step")
      const inputsOf = (batch: number) => ({
        x: float32(
          Array.from({ length: 2 * batch }, (_, i) => i),
          [batch, 2]
        ),
        y: float32(new Float32Array(batch).fill(1), [batch])
      })
      for (const batch of [3, 1, 3, 2]) {
        yield* executable.step({ inputs: inputsOf(batch), noise: noNoise })
        const rows = Array.from({ length: batch }, (_, i) => [2 * i + batch, 10 * (2 * i + 1) + batch, 7 + batch])
        const expected = { joined: rows.flat(), y: rows.map(() => 2) }
        yield* expectNumbers(yield* executable.readOutputs, expected, `with ${batch} examples, the output`)
      }
      const mixed = { x: inputsOf(2).x, y: inputsOf(3).y }
      yield* expectFailure(
        executable.step({ inputs: mixed, noise: noNoise }),
        "run",
        ['"any"'],
        "a step of two batches"
      )
      yield* expectNumbers(yield* executable.readState, { weight: [1, 10] }, "the state")
    })
  ),

  makeLaw(
    "border",
    "there are no outputs before the first step",
    Effect.gen(function* () {
      const { readOutputs } = yield* started
      yield* expectFailure(readOutputs, "read", ['"accumulator"'], "reading outputs before the first step")
    })
  ),

  makeLaw(
    "border",
    "everything fails once the scope is closed, and says that it is",
    Effect.gen(function* () {
      const executable = yield* Effect.scoped(Effect.tap(started, ({ step }) => step(adding(1, 1))))
      const mentioned = ['"accumulator"', "closed"]
      yield* expectFailure(executable.step(adding(1, 1)), "run", mentioned, "a step after closing")
      yield* expectFailure(executable.readOutputs, "read", mentioned, "reading outputs after closing")
      yield* expectFailure(executable.readState, "read", mentioned, "reading the state after closing")
    })
  ),

  makeLaw(
    "border",
    "programs can be opened and closed many times over",
    Effect.gen(function* () {
      for (let i = 0; i < 30; i++) {
        const state = yield* Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* started
            yield* executable.step(adding(i, 0))
            return yield* executable.readState
          })
        )
        yield* expectThat(
          state["total"]?.values[0] === 1 + 10 * i,
          () => `opened for the ${i + 1}th time, it miscounts`
        )
      }
    })
  )
]
