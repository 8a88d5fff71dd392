import { multiply } from "../domain/tensor/arithmetic.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import type { Op } from "../domain/tensor/Tensor.ts"
import { expressionsAgree } from "./againstReference.ts"
import { type Draw, forAllAtOnce } from "./forAll.ts"
import { type Law, type LawBody, makeLaw } from "./Law.ts"
import { bentLoss, gradientLoss } from "./losses.ts"
import type { PrimitiveCase } from "./primitiveCases.ts"
import { casesByPrimitive, describeCase, together } from "./primitiveLaws.ts"

// Quotients reach 8, where the derivative of tanh is a difference of nearly equal numbers: float32 has hardly any digits of it.
const unsaturated = 1 / 8

/** Convolutions are the gradients of one another in three ways, which their engines are hardly ever asked for as written. */
const alsoAsWritten: ReadonlyArray<Op> = ["conv2d", "convTranspose2d"]

const gradientsAgree = (op: Op, cases: ReadonlyArray<PrimitiveCase>, drift: number): LawBody => {
  const { placeholders, inputs, roots } = together(cases)
  const parameters = Object.values(placeholders)
  const loss = bentLoss(roots.map((root) => multiply(root, unsaturated)))
  const second = gradientLoss(loss, parameters)
  const wanted = [loss, second].flatMap((total) => parameters.map((parameter) => gradient(total, parameter)))
  return expressionsAgree(
    { name: `gradients of ${op}`, placeholders, roots: wanted, alsoAsWritten: alsoAsWritten.includes(op) },
    inputs,
    (_, greatest) => drift * greatest,
    (output) => `gradient ${output} of ${op}`
  )
}

const sources: ReadonlyArray<Op> = ["full", "constant", "placeholder", "noise"]

/** The gradients of every primitive, and the gradients of these, over random shapes and numbers. */
export const gradientLaws = (draw: Draw, drift: number): ReadonlyArray<Law> =>
  casesByPrimitive
    .filter(([op]) => !sources.includes(op))
    .map(([op, cases]) => {
      const runs = Math.ceil(draw.runs / (alsoAsWritten.includes(op) ? 4 : 8))
      const agree = (some: ReadonlyArray<PrimitiveCase>) => gradientsAgree(op, some, drift)
      return makeLaw("gradients", op, forAllAtOnce(cases, { ...draw, runs }, agree, describeCase))
    })
