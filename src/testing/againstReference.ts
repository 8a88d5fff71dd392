import * as Effect from "effect/Effect"
import type { Program } from "../domain/tensor/Program.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import { layerReference } from "../layers/backend/reference.ts"
import { expectTensors, type Tolerance } from "./expectations.ts"
import type { LawBody } from "./Law.ts"
import { outputsOf, programOf, unsimplifiedProgramOf } from "./programs.ts"

/** An effect as it is on `Reference`, whatever backend is in the context. */
export const onReference = Effect.provide(layerReference, { local: true })

/** Fails unless a program's outputs after one step are those of `Reference`. */
export const agreesWithReference = (
  program: Program,
  inputs: NamedTensors,
  tolerance: Tolerance,
  describe: (output: string) => string
): LawBody =>
  Effect.gen(function* () {
    const wanted = yield* Effect.orDie(onReference(outputsOf(program, inputs)))
    yield* expectTensors(yield* outputsOf(program, inputs), wanted, tolerance, describe)
  })

/** Expressions to be computed as a program: as `makeProgram` simplifies them, and if asked for also as they are written. */
export interface Expressions {
  readonly name: string
  readonly placeholders: Readonly<Record<string, Tensor>>
  readonly roots: ReadonlyArray<Tensor>
  readonly alsoAsWritten: boolean
}

/** Fails unless expressions are what they are on `Reference`. */
export const expressionsAgree = (
  { name, placeholders, roots, alsoAsWritten }: Expressions,
  inputs: NamedTensors,
  tolerance: Tolerance,
  describe: (output: string) => string
): LawBody => {
  const simplified = agreesWithReference(programOf(name, placeholders, roots), inputs, tolerance, describe)
  if (!alsoAsWritten) return simplified
  const asWritten = unsimplifiedProgramOf(name, placeholders, roots)
  const described = (output: string) => `${describe(output)} (as written, not simplified)`
  return Effect.andThen(simplified, agreesWithReference(asWritten, inputs, tolerance, described))
}
