import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { add } from "../../../../src/domain/tensor/arithmetic.ts"
import { tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import type { Program } from "../../../../src/domain/tensor/Program.ts"
import { formatShape, type Shape, sameShape } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Op, Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import type { NamedNumbers } from "../../../support/evaluateNamed.ts"
import { gradientLoss, weightedSum } from "../../../support/gradientCheck.ts"
import { numbersOf } from "../../../support/numbers.ts"
import { type PrimitiveCase, primitiveCases } from "../../../support/primitiveCases.ts"
import { asTensors, operandTensor, outputsOf, programOf, unsimplifiedProgramOf } from "../../../support/programs.ts"
import { randomExpressions } from "../../../support/randomExpressions.ts"

/** Rounding to float32 changes a number by at most this part of it. */
const unit = 2 ** -24

/**
 * How far each primitive may be from float64, as a part of max(1, |y|). The operands are multiples of 1/128 (1/16 at the
 * kinks) of magnitude at most 2 1/2, so that float32 holds them, their sums and differences, products, and even sums of
 * 256 of them and of 4 products exactly: there, nothing but the exact result will do. Quotients and roots are
 * rounded once by IEEE 754, and so are the bounds of `clamp`. ONNX Runtime's approximations of exp, log, tanh and what is
 * made of them are good to a few units in the last place of numbers up to e^2 (16 u covers them).
 */
const tolerances: { readonly [K in Op]: number } = {
  fill: 0,
  literal: 0,
  placeholder: 0,
  noise: 0,
  reshape: 0,
  transpose: 0,
  slice: 0,
  pad: 0,
  concatenate: 0,
  broadcast: 0,
  sum: 0,
  add: 0,
  subtract: 0,
  multiply: 0,
  divide: unit,
  negate: 0,
  greater: 0,
  select: 0,
  maximum: 0,
  clamp: 2 * unit,
  exp: 16 * unit,
  log: 16 * unit,
  sqrt: unit,
  tanh: 16 * unit,
  sigmoid: 16 * unit,
  softplus: 16 * unit,
  relu: 0,
  stopGradient: 0,
  max: 0,
  softmax: 16 * unit,
  matmul: 0,
  convolve: 0,
  convolveTransposed: 0
}

/** Outputs of one step on `Reference`, in float64. */
const onReference = (program: Program, inputs: NamedTensors) =>
  outputsOf(program, inputs).pipe(Effect.provide(layerReference, { local: true }))

/** Fails where an output's shape differs, or an entry by more than `tolerance(greatest entry of the output)`. */
const assertOutputsAgree = (
  actual: NamedTensors,
  expected: NamedTensors,
  shapes: Readonly<Record<string, Shape>>,
  tolerance: (entry: number, greatest: number) => number,
  describeOutput: (name: string) => string
): void => {
  for (const [name, shape] of Object.entries(shapes)) {
    const [found, wanted] = [actual[name], expected[name]]
    assert.isTrue(found !== undefined && sameShape(found.shape, shape), `${describeOutput(name)}: shape`)
    const values = Array.from(wanted?.values ?? [])
    const greatest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
    values.forEach((value, i) => {
      const got = found?.values[i] ?? Number.NaN
      const near = Object.is(got, value) || Math.abs(got - value) <= tolerance(value, greatest)
      if (!near) assert.fail(`${describeOutput(name)} ${formatShape(shape)}, entry ${i}: ${got} instead of ${value}`)
    })
  }
}

/** Many cases of one primitive as one program, so that one session serves them all. */
const together = (cases: ReadonlyArray<PrimitiveCase>) => {
  const placeholders: Record<string, Tensor> = {}
  const inputs: Record<string, ReturnType<typeof operandTensor>> = {}
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
  for (const root of roots) if (root.op === "placeholder") placeholders[root.parameters.name] = root
  return { placeholders, inputs, roots }
}

describe("OnnxRuntime against Reference", () => {
  layer(layerOnnxRuntime)((it) => {
    for (const [op, arbitrary] of Object.entries<fc.Arbitrary<PrimitiveCase>>(primitiveCases)) {
      it.effect(`${op}: over random shapes and numbers, simplified or not`, () =>
        Effect.gen(function* () {
          // Sources without operands of one name can stand only once in a program.
          const alone = op === "placeholder" || op === "noise"
          const cases = fc.sample(arbitrary, { numRuns: alone ? 1 : 60, seed: 2026 })
          const { placeholders, inputs, roots } = together(cases)
          const given = { ...asTensors(placeholders, numbersForUnnamed(placeholders)), ...inputs }
          const tolerance = tolerances[op as Op]
          for (const make of [programOf, unsimplifiedProgramOf]) {
            const program = make(op, placeholders, roots)
            assertOutputsAgree(
              yield* outputsOf(program, given),
              yield* onReference(program, given),
              Object.fromEntries(roots.map(({ shape }, i) => [i, shape])),
              (entry) => tolerance * Math.max(1, Math.abs(entry)),
              (name) => `${op}, case ${name} of ${cases[Number(name)]?.operands.map(({ shape }) => formatShape(shape))}`
            )
          }
        })
      )
    }

    // Rounding errors of 6e-8 grow through sums of up to 256 terms and products of bounded numbers: over 600 such graphs
    // (8,141 tensors), the worst entry was off by 2.6e-6 of its tensor's greatest.
    const drift = 3e-5

    it.effect("convolutions: both gradients, and those of these", () =>
      Effect.gen(function* () {
        // Sums of at most a few hundred products of numbers that float32 holds, added in another order.
        for (const op of ["convolve", "convolveTransposed"] as const) {
          const { placeholders, inputs, roots } = together(fc.sample(primitiveCases[op], { numRuns: 40, seed: 2026 }))
          const parameters = Object.values(placeholders)
          const loss = roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))
          const second = gradientLoss(loss, parameters)
          const wanted = [loss, second].flatMap((total) => parameters.map((parameter) => gradient(total, parameter)))
          for (const make of [programOf, unsimplifiedProgramOf]) {
            const program = make(`gradients of ${op}`, placeholders, wanted)
            assertOutputsAgree(
              yield* outputsOf(program, inputs),
              yield* onReference(program, inputs),
              Object.fromEntries(wanted.map(({ shape }, i) => [i, shape])),
              (_, greatest) => drift * greatest,
              (name) => `gradient ${name} of ${op}`
            )
          }
        }
      })
    )

    it.effect("random expressions and their gradients", () =>
      Effect.gen(function* () {
        for (const { roots, placeholders, numbers } of fc.sample(randomExpressions(), { numRuns: 50, seed: 2026 })) {
          const loss = roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))
          const wanted = [...roots, ...placeholders.map((parameter) => gradient(loss, parameter))]
          const inputs = Object.fromEntries(placeholders.map((tensor) => [nameOf(tensor), tensor]))
          const program = programOf("random", inputs, wanted)
          const given = asTensors(inputs, numbers)
          assertOutputsAgree(
            yield* outputsOf(program, given),
            expectedOf(wanted, numbers),
            Object.fromEntries(wanted.map(({ shape }, i) => [i, shape])),
            (_, greatest) => drift * greatest,
            (name) => `random expression, root ${name}`
          )
        }
      })
    )
  })
})

/** NamedNumbers for a case that is nothing but a placeholder. */
const numbersForUnnamed = (placeholders: Readonly<Record<string, Tensor>>): NamedNumbers =>
  Object.fromEntries(
    Object.entries(placeholders).map(([name, { shape }]) => [
      name,
      Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, (_, i) => i / 8)
    ])
  )

/** What the unsimplified expressions are in float64. */
const expectedOf = (roots: ReadonlyArray<Tensor>, numbers: NamedNumbers): NamedTensors =>
  Object.fromEntries(
    numbersOf(roots, numbers).map((values, i) => [i, { shape: roots[i]?.shape ?? [], values }] as const)
  )

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? tensor.parameters.name : "")
