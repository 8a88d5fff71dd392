import type * as fc from "fast-check"
import { printExpressions } from "../domain/tensor/print.ts"
import { sizeOf } from "../domain/tensor/Shape.ts"
import { placeholder } from "../domain/tensor/source.ts"
import type { Op, Tensor } from "../domain/tensor/Tensor.ts"
import type { TensorData } from "../domain/tensor/TensorData.ts"
import { expressionsAgree } from "./againstReference.ts"
import { type Draw, forAll, forAllAtOnce } from "./forAll.ts"
import { type Law, type LawBody, makeLaw } from "./Law.ts"
import { type PrimitiveCase, primitiveCases } from "./primitiveCases.ts"
import { float32, operandTensor } from "./programs.ts"
import type { Tolerances } from "./tolerances.ts"

/** Cases as expressions of placeholders of their own, with the numbers of these, so that one program holds many. */
export const together = (cases: ReadonlyArray<PrimitiveCase>) => {
  const placeholders: Record<string, Tensor> = {}
  const inputs: Record<string, TensorData> = {}
  const roots = cases.map(({ operands, build }, i) =>
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
  for (const root of roots) {
    if (root.op !== "placeholder") continue
    const { name } = root.parameters
    placeholders[name] = root
    const numbers = Array.from({ length: sizeOf(root.shape) }, (_, i) => i / 8)
    inputs[name] ??= float32(numbers, root.shape)
  }
  return { placeholders, inputs, roots }
}

/** A case as it is printed in messages: the expression, and the operands' numbers. */
export const describeCase = (drawn: PrimitiveCase): string => {
  const { roots, inputs } = together([drawn])
  const numbers = Object.entries(inputs).map(([name, { values }]) => `${name} = [${values.join(", ")}]`)
  return [printExpressions(roots), ...numbers].join("\n")
}

const casesAgree = (op: Op, cases: ReadonlyArray<PrimitiveCase>, tolerance: number): LawBody => {
  const { placeholders, inputs, roots } = together(cases)
  return expressionsAgree(
    { name: op, placeholders, roots, alsoAsWritten: true },
    inputs,
    (wanted) => tolerance * Math.max(1, Math.abs(wanted)),
    (output) => `${op}, case ${output},`
  )
}

/** Sources without operands of one name can stand only once in a program. */
const standAlone: ReadonlyArray<Op> = ["placeholder", "noise"]

/** `primitiveCases` as a list. */
export const casesByPrimitive =
  // `Object.entries` forgets which keys there are.
  Object.entries(primitiveCases) as ReadonlyArray<readonly [Op, fc.Arbitrary<PrimitiveCase>]>

/** Every primitive over random shapes and numbers is what `Reference` has, to its tolerance, simplified or not. */
export const primitiveLaws = (draw: Draw, tolerances: Tolerances): ReadonlyArray<Law> =>
  casesByPrimitive.map(([op, cases]) => {
    const agree = (some: ReadonlyArray<PrimitiveCase>) => casesAgree(op, some, tolerances[op])
    const body = standAlone.includes(op)
      ? forAll(cases, { ...draw, runs: Math.ceil(draw.runs / 6) }, (drawn) => agree([drawn]), describeCase)
      : forAllAtOnce(cases, draw, agree, describeCase)
    return makeLaw("primitives", op, body)
  })
