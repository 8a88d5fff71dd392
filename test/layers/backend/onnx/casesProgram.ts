import * as fc from "fast-check"
import type { Program } from "../../../../src/domain/tensor/Program.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../../../src/domain/tensor/TensorData.ts"
import type { PrimitiveCase } from "../../../../src/testing/primitiveCases.ts"
import { operandTensor, programOf } from "../../../../src/testing/programs.ts"

/** So many cases of one primitive as one program, so that one session serves them all, and numbers for it. */
export const casesProgram = (
  arbitrary: fc.Arbitrary<PrimitiveCase>,
  count: number
): { readonly program: Program; readonly inputs: NamedTensors } => {
  const inputs: Record<string, TensorData> = {}
  const placeholders: Record<string, Tensor> = {}
  const roots = fc.sample(arbitrary, { numRuns: count, seed: 2026 }).map(({ operands, build }, i) =>
    build(
      operands.map((operand, j) => {
        const name = `case ${i} operand ${j}`
        inputs[name] = operandTensor(operand)
        const tensor = placeholder(name, operand.shape)
        placeholders[name] = tensor
        return tensor
      })
    )
  )
  return { program: programOf("cases", placeholders, roots), inputs }
}
