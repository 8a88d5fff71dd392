import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { TensorBackend } from "../layers/backend/TensorBackend.ts"
import { accumulator, adding } from "./accumulator.ts"
import { expectNumbers } from "./expectations.ts"
import { type Draw, forAll } from "./forAll.ts"
import { type Law, makeLaw } from "./Law.ts"
import { float32, vector } from "./programs.ts"

/** What a user may do with one of two executables of one program. */
type Command = { readonly at: 0 | 1 } & (
  | { readonly do: "step"; readonly x: readonly [number, number] }
  | { readonly do: "readState" | "readOutputs" | "spoilWhatIsRead" | "closeAnother" }
)

const small = fc.integer({ min: -8, max: 8 })
const at = fc.constantFrom(0 as const, 1 as const)

const commands: fc.Arbitrary<ReadonlyArray<Command>> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ at, do: fc.constant("step" as const), x: fc.tuple(small, small) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        at,
        do: fc.constantFrom(
          "readState" as const,
          "readOutputs" as const,
          "spoilWhatIsRead" as const,
          "closeAnother" as const
        )
      })
    }
  ),
  { minLength: 1, maxLength: 20, size: "max" }
)

/** What the accumulator's two executables hold, in plain numbers. */
interface Model {
  readonly total: readonly [number, number]
  readonly outputs?: Readonly<Record<"before" | "after" | "squares", ReadonlyArray<number>>>
}

const advance = ({ total }: Model, [a, b]: readonly [number, number], factor: number): Model => {
  const after = [total[0] + factor * a, total[1] + factor * b] as const
  return { total: after, outputs: { before: total, after, squares: [a * a, b * b] } }
}

const factors = [10, 3] as const

/** Steps, reads and closings in any order, against arithmetic by hand: reading disturbs nothing, nothing is stale or shared. */
export const commandLaws = (draw: Draw): ReadonlyArray<Law> => [
  makeLaw(
    "state",
    "in whatever order steps are done and results are read, on two executables in turns",
    forAll(
      commands,
      { ...draw, runs: Math.ceil(draw.runs / 2) },
      (list) =>
        Effect.scoped(
          Effect.gen(function* () {
            const backend = yield* TensorBackend
            const program = accumulator()
            const executables = yield* Effect.forEach(factors, (factor) =>
              backend.compile(program, { total: vector(0, 0), factor: float32([factor]) })
            )
            const models: [Model, Model] = [{ total: [0, 0] }, { total: [0, 0] }]
            for (const command of list) {
              const [executable, model, factor] = [executables[command.at], models[command.at], factors[command.at]]
              if (executable === undefined) continue
              const wanted = { total: model.total, factor: [factor] }
              switch (command.do) {
                case "step":
                  yield* executable.step(adding(...command.x))
                  models[command.at] = advance(model, command.x, factor)
                  break
                case "readState":
                  yield* expectNumbers(yield* executable.readState, wanted, "the state")
                  break
                case "readOutputs":
                  if (model.outputs === undefined) break
                  yield* expectNumbers(yield* executable.readOutputs, model.outputs, "the output")
                  break
                case "spoilWhatIsRead":
                  for (const { values } of Object.values(yield* executable.readState)) values.fill(-55)
                  break
                case "closeAnother":
                  yield* Effect.scoped(backend.compile(program, { total: vector(9, 9), factor: float32([1]) }))
              }
            }
            for (const index of [0, 1] as const) {
              const wanted = { total: models[index].total, factor: [factors[index]] }
              const state = executables[index] === undefined ? {} : yield* executables[index].readState
              yield* expectNumbers(state, wanted, "at the end, the state")
            }
          })
        ),
      (list) => JSON.stringify(list)
    )
  )
]
