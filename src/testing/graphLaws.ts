import * as Effect from "effect/Effect"
import { gradient } from "../domain/tensor/gradient.ts"
import { printExpressions, printProgram } from "../domain/tensor/print.ts"
import { TensorBackend } from "../layers/backend/TensorBackend.ts"
import { agreesWithReference, onReference } from "./againstReference.ts"
import { expectTensors } from "./expectations.ts"
import { type Draw, forAll } from "./forAll.ts"
import { type Law, makeLaw } from "./Law.ts"
import { bentLoss } from "./losses.ts"
import { asTensors, programOf } from "./programs.ts"
import { randomExpressions } from "./randomExpressions.ts"
import { type RandomProgram, randomPrograms } from "./randomPrograms.ts"

const nameOf = (tensor: { readonly op: string; readonly parameters: object }): string =>
  "name" in tensor.parameters && typeof tensor.parameters.name === "string" ? tensor.parameters.name : ""

/** State and outputs after each step of a random program, on the backend in the context. */
const courseOf = ({ program, state, calls }: RandomProgram) =>
  Effect.scoped(
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(program, state)
      return yield* Effect.forEach(calls, (call) =>
        Effect.andThen(executable.step(call), Effect.all([executable.readState, executable.readOutputs]))
      )
    })
  )

/** Whole random graphs: primitives that feed one another, shared and differentiated. */
export const graphLaws = (draw: Draw, drift: number): ReadonlyArray<Law> => [
  makeLaw(
    "graphs",
    "random expressions and their gradients agree with Reference",
    forAll(
      randomExpressions(),
      { ...draw, runs: Math.ceil(draw.runs / 2) },
      ({ roots, placeholders, numbers }) => {
        const inputs = Object.fromEntries(placeholders.map((tensor) => [nameOf(tensor), tensor]))
        const wanted = [...roots, ...placeholders.map((parameter) => gradient(bentLoss(roots), parameter))]
        return agreesWithReference(
          programOf("random", inputs, wanted),
          asTensors(inputs, numbers),
          (_, greatest) => drift * greatest,
          (output) => (Number(output) < roots.length ? `root ${output}` : `gradient ${Number(output) - roots.length}`)
        )
      },
      ({ roots }) => printExpressions(roots)
    )
  ),
  makeLaw(
    "graphs",
    "random programs agree with Reference, step by step",
    forAll(
      randomPrograms(),
      { ...draw, runs: Math.ceil(draw.runs / 3) },
      Effect.fnUntraced(function* (random) {
        const wanted = yield* Effect.orDie(onReference(courseOf(random)))
        const found = yield* courseOf(random)
        for (const [step, [state = {}, outputs = {}]] of found.entries()) {
          const [wantedState = {}, wantedOutputs = {}] = wanted[step] ?? []
          const tolerance = (_: number, greatest: number) => 2 * drift * greatest
          yield* expectTensors(state, wantedState, tolerance, (path) => `after step ${step}, the state "${path}"`)
          yield* expectTensors(outputs, wantedOutputs, tolerance, (name) => `at step ${step}, the output ${name}`)
        }
      }),
      ({ program }) => printProgram(program)
    )
  )
]
