import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { add, multiply } from "../domain/tensor/arithmetic.ts"
import { broadcast } from "../domain/tensor/broadcast.ts"
import { makeProgram } from "../domain/tensor/Program.ts"
import { constant, full, placeholder } from "../domain/tensor/source.ts"
import { TensorBackend } from "../layers/backend/TensorBackend.ts"
import { accumulator, accumulatorStart, adding, noNoise } from "./accumulator.ts"
import { expectNumbers, expectShape, expectThat } from "./expectations.ts"
import { type Law, makeLaw } from "./Law.ts"
import { vector } from "./programs.ts"

const started = Effect.flatMap(TensorBackend, (backend) => backend.compile(accumulator(), accumulatorStart()))

/** What becomes of a program's state and outputs from step to step, on programs of small integers. */
export const stateLaws: ReadonlyArray<Law> = [
  makeLaw(
    "state",
    "begins as given, and each step is handed the state of the one before",
    Effect.gen(function* () {
      const executable = yield* started
      yield* expectNumbers(yield* executable.readState, { total: [1, 2], factor: [10] }, "the first state")
      yield* executable.step(adding(1, 0))
      yield* expectNumbers(yield* executable.readState, { total: [11, 2], factor: [10] }, "the state after a step")
      const first = { before: [1, 2], after: [11, 2], squares: [1, 0] }
      yield* expectNumbers(yield* executable.readOutputs, first, "after a step, the output")
      yield* executable.step(adding(1, -1))
      yield* expectNumbers(yield* executable.readState, { total: [21, -8], factor: [10] }, "the state after two steps")
      const outputs = { before: [11, 2], after: [21, -8], squares: [1, 1] }
      yield* expectNumbers(yield* executable.readOutputs, outputs, "after two steps, the output")
    })
  ),

  makeLaw(
    "state",
    "results have the shapes of the program",
    Effect.gen(function* () {
      const executable = yield* started
      yield* executable.step(adding(1, 0))
      const state = yield* executable.readState
      yield* expectShape(state, "total", [2])
      yield* expectShape(state, "factor", [])
      yield* expectShape(yield* executable.readOutputs, "after", [2])
    })
  ),

  makeLaw(
    "state",
    "two executables of one program have a state each",
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const program = accumulator()
      const one = yield* backend.compile(program, accumulatorStart())
      const other = yield* backend.compile(program, accumulatorStart())
      yield* one.step(adding(1, 1))
      yield* expectNumbers(yield* other.readState, { total: [1, 2], factor: [10] }, "the other's state")
      const early = yield* Effect.result(other.readOutputs)
      yield* expectThat(early._tag === "Failure", () => "an executable has outputs before its first step: another's")
      yield* other.step(adding(-1, -1))
      yield* expectNumbers(yield* one.readState, { total: [11, 12], factor: [10] }, "the one's state")
      yield* expectNumbers(yield* other.readState, { total: [-9, -8], factor: [10] }, "the other's state")
      yield* expectNumbers(
        yield* one.readOutputs,
        { before: [1, 2], after: [11, 12], squares: [1, 1] },
        "the one's output"
      )
    })
  ),

  makeLaw(
    "state",
    "an executable goes on when another one is closed",
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const executable = yield* started
      for (let round = 0; round < 5; round++) {
        yield* Effect.scoped(
          Effect.flatMap(backend.compile(accumulator(), accumulatorStart()), (other) => other.step(adding(1, 1)))
        )
        yield* executable.step(adding(1, 0))
      }
      yield* expectNumbers(yield* executable.readState, { total: [51, 2], factor: [10] }, "the state")
    })
  ),

  makeLaw(
    "state",
    "steps asked for at the same time are done one after the other",
    Effect.gen(function* () {
      const executable = yield* started
      const steps = Array.from({ length: 8 }, () => executable.step(adding(1, -1)))
      yield* Effect.all(steps, { concurrency: "unbounded" })
      yield* expectNumbers(yield* executable.readState, { total: [81, -78], factor: [10] }, "the state after 8 steps")
    })
  ),

  makeLaw(
    "state",
    "an interrupted step has been done as a whole or not at all",
    Effect.gen(function* () {
      const executable = yield* started
      for (let round = 0; round < 3; round++) {
        const before = (yield* executable.readState)["total"]?.values[0] ?? Number.NaN
        const step = yield* Effect.forkChild(executable.step(adding(1, 1)))
        yield* Effect.yieldNow
        yield* Fiber.interrupt(step)
        const after = (yield* executable.readState)["total"]?.values[0] ?? Number.NaN
        yield* expectThat(after === before || after === before + 10, () => `the total went from ${before} to ${after}`)
        yield* expectNumbers(yield* executable.readState, { total: [after, after + 1], factor: [10] }, "the state")
      }
      yield* executable.step(adding(0, 0))
    })
  ),

  makeLaw(
    "state",
    "outputs may be one tensor, a placeholder, a constant, or the next state",
    Effect.gen(function* () {
      const [a, b, x] = [placeholder("a", [2]), placeholder("b", [2]), placeholder("x", [2])]
      const joint = add(a, x)
      const program = makeProgram({
        name: "aliases",
        state: { a, b, copy: placeholder("copy", [2]), fixed: placeholder("fixed", [2]) },
        inputs: { x, unused: placeholder("unused", [3]) },
        // a and b change places; `copy` is computed twice over; `fixed` becomes a constant.
        next: { a: b, b: a, copy: joint, fixed: full([2], 7) },
        outputs: {
          input: x,
          state: a,
          one: joint,
          other: joint,
          filled: full([2, 2], 3),
          large: full([40, 50], 2),
          constant: constant(vector(5, 6)),
          stretched: broadcast(x, [2, 2])
        }
      })
      const zero = vector(0, 0)
      const first = { a: vector(1, 2), b: vector(3, 4), copy: zero, fixed: zero }
      const executable = yield* (yield* TensorBackend).compile(program, first)
      const inputs = { x: vector(10, 20), unused: vector(0, 0, 0) }
      yield* executable.step({ inputs, noise: noNoise })
      const outputs = {
        input: [10, 20],
        state: [1, 2],
        one: [11, 22],
        other: [11, 22],
        filled: [3, 3, 3, 3],
        large: Array.from({ length: 2000 }, () => 2),
        constant: [5, 6],
        stretched: [10, 20, 10, 20]
      }
      yield* expectNumbers(yield* executable.readOutputs, outputs, "the output")
      const state = { a: [3, 4], b: [1, 2], copy: [11, 22], fixed: [7, 7] }
      yield* expectNumbers(yield* executable.readState, state, "the state")
      yield* executable.step({ inputs, noise: noNoise })
      const then = { ...state, a: [1, 2], b: [3, 4], copy: [13, 24] }
      yield* expectNumbers(yield* executable.readState, then, "after two steps, the state")
    })
  ),

  makeLaw(
    "state",
    "a program may have neither inputs nor state",
    Effect.gen(function* () {
      const outputs = { y: full([2], 3) }
      const program = makeProgram<never, "y">({ name: "constant", state: {}, inputs: {}, next: {}, outputs })
      const executable = yield* (yield* TensorBackend).compile(program, {})
      yield* executable.step({ inputs: {}, noise: noNoise })
      yield* expectNumbers(yield* executable.readOutputs, { y: [3, 3] }, "the output")
      yield* expectNumbers(yield* executable.readState, {}, "the state")
    })
  ),

  makeLaw(
    "state",
    "placeholders may have any name",
    Effect.gen(function* () {
      // Names that a lowering may give to its own values, names of an object's own, and names with separators.
      const names = [
        "value_0",
        "value_1",
        "constant_0",
        "_value_0",
        "a.b",
        "a b/c:0",
        "é'\"",
        "toString",
        "constructor"
      ]
      const inputs = Object.fromEntries(names.map((key) => [`input ${key}`, placeholder(key, [2])]))
      const y = Object.values(inputs).reduce((total, x) => add(multiply(total, 2), x))
      const program = makeProgram<string, "y">({ name: "names", state: {}, inputs, next: {}, outputs: { y } })
      const executable = yield* (yield* TensorBackend).compile(program, {})
      const given = Object.fromEntries(Object.keys(inputs).map((key, i) => [key, vector(i, 1)]))
      yield* executable.step({ inputs: given, noise: noNoise })
      const expected = names.reduce(([a = 0, b = 0], _, i) => [2 * a + i, 2 * b + 1], [0, 0])
      yield* expectNumbers(yield* executable.readOutputs, { y: expected }, "the output")
    })
  )
]
