import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as fc from "fast-check"
import { add } from "../../../../src/domain/tensor/arithmetic.ts"
import { tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import type { Program } from "../../../../src/domain/tensor/Program.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Op, Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../../../src/domain/tensor/TensorData.ts"
import { layerReference } from "../../../../src/layers/backend/reference.ts"
import type { BackendError, TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { layerTfjsCpu, layerTfjsNodeGpu, layerTfjsWasm } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { gradientLoss, weightedSum } from "../../../support/gradientCheck.ts"
import { type PrimitiveCase, primitiveCases } from "../../../support/primitiveCases.ts"
import {
  asTensors,
  float32,
  operandTensor,
  outputsOf,
  programOf,
  unsimplifiedProgramOf
} from "../../../support/programs.ts"
import { randomExpressions } from "../../../support/randomExpressions.ts"
import { isInstalled } from "./installed.ts"

/** Rounding to float32 changes a number by at most this part of it. */
const unit = 2 ** -24

const exact: { readonly [K in Op]: number } = {
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
  exp: 0,
  log: 0,
  sqrt: unit,
  tanh: 0,
  sigmoid: 0,
  softplus: 0,
  relu: 0,
  stopGradient: 0,
  max: 0,
  softmax: 0,
  matmul: 0,
  convolve: 0,
  convolveTransposed: 0
}

/**
 * How far each primitive may be from float64, as a part of max(1, |y|). The operands are multiples of 1/128 (1/16 at the
 * kinks) of magnitude at most 2 1/2, so that float32 holds them, their sums and differences, products, and the sums of
 * products that occur exactly: there, nothing but the exact result will do, on any backend. Quotients, roots and the
 * bounds of `clamp` are rounded once.
 *
 * - cpu computes each function in float64 and rounds once; its softmax is made of three kernels.
 * - wasm has polynomials in float32: good to a few units in the last place of numbers up to e^2. tanh is made of a
 *   sigmoid there, twice its error.
 * - TensorFlow's vectorised functions are good to a few units in the last place.
 */
const tolerances: Readonly<Record<"cpu" | "wasm" | "tensorflow", { readonly [K in Op]: number }>> = {
  cpu: { ...exact, exp: 8 * unit, log: unit, tanh: unit, sigmoid: unit, softplus: 4 * unit, softmax: 4 * unit },
  wasm: {
    ...exact,
    exp: 8 * unit,
    log: 4 * unit,
    tanh: 8 * unit,
    sigmoid: 4 * unit,
    softplus: 8 * unit,
    softmax: 8 * unit
  },
  tensorflow: {
    ...exact,
    exp: 16 * unit,
    log: 16 * unit,
    tanh: 16 * unit,
    sigmoid: 16 * unit,
    softplus: 16 * unit,
    softmax: 16 * unit
  }
}

/** Fails where an output's shape differs, or an entry by more than `tolerance(entry, greatest entry of the output)`. */
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

const onReference = (program: Program, inputs: NamedTensors) =>
  outputsOf(program, inputs).pipe(Effect.provide(layerReference, { local: true }))

/** Many cases of one primitive as one program. */
const together = (cases: ReadonlyArray<PrimitiveCase>) => {
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
    inputs[name] ??= float32(
      Array.from({ length: sizeOf(root.shape) }, (_, i) => i / 8),
      root.shape
    )
  }
  return { placeholders, inputs, roots }
}

const shapesOf = (roots: ReadonlyArray<Tensor>): Readonly<Record<string, Shape>> =>
  Object.fromEntries(roots.map(({ shape }, i) => [i, shape]))

/** Rounding errors of 6e-8 grow through sums of up to 256 terms and products of bounded numbers. */
const drift = 3e-5

const agreement = (name: keyof typeof tolerances, layerUnderTest: Layer.Layer<TensorBackend, BackendError>): void => {
  describe(`Tfjs ${name} against Reference`, () => {
    // TensorFlow's library takes seconds to load.
    layer(layerUnderTest, { timeout: "60 seconds" })((it) => {
      for (const [op, arbitrary] of Object.entries<fc.Arbitrary<PrimitiveCase>>(primitiveCases)) {
        it.effect(`${op}: over random shapes and numbers, simplified or not`, () =>
          Effect.gen(function* () {
            // Sources without operands of one name can stand only once in a program.
            const alone = op === "placeholder" || op === "noise"
            const cases = fc.sample(arbitrary, { numRuns: alone ? 1 : 40, seed: 2026 })
            const { placeholders, inputs, roots } = together(cases)
            const tolerance = tolerances[name][op as Op]
            for (const make of [programOf, unsimplifiedProgramOf]) {
              const program = make(op, placeholders, roots)
              assertOutputsAgree(
                yield* outputsOf(program, inputs),
                yield* onReference(program, inputs),
                shapesOf(roots),
                (entry) => tolerance * Math.max(1, Math.abs(entry)),
                (output) =>
                  `${op}, case ${output} of ${cases[Number(output)]?.operands.map(({ shape }) => formatShape(shape))}`
              )
            }
          })
        )
      }

      it.effect("convolutions: both gradients, and those of these", () =>
        Effect.gen(function* () {
          for (const op of ["convolve", "convolveTransposed"] as const) {
            const { placeholders, inputs, roots } = together(fc.sample(primitiveCases[op], { numRuns: 12, seed: 2026 }))
            const parameters = Object.values(placeholders)
            const loss = roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))
            const second = gradientLoss(loss, parameters)
            const wanted = [loss, second].flatMap((total) => parameters.map((parameter) => gradient(total, parameter)))
            const program = programOf(`gradients of ${op}`, placeholders, wanted)
            assertOutputsAgree(
              yield* outputsOf(program, inputs),
              yield* onReference(program, inputs),
              shapesOf(wanted),
              (_, greatest) => drift * greatest,
              (output) => `gradient ${output} of ${op}`
            )
          }
        })
      )

      it.effect("random expressions and their gradients", () =>
        Effect.gen(function* () {
          for (const { roots, placeholders, numbers } of fc.sample(randomExpressions(), { numRuns: 25, seed: 2026 })) {
            const loss = roots.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b))
            const wanted = [...roots, ...placeholders.map((parameter) => gradient(loss, parameter))]
            const inputs = Object.fromEntries(placeholders.map((tensor) => [nameOf(tensor), tensor]))
            const program = programOf("random", inputs, wanted)
            const given = asTensors(inputs, numbers)
            assertOutputsAgree(
              yield* outputsOf(program, given),
              yield* onReference(program, given),
              shapesOf(wanted),
              (_, greatest) => drift * greatest,
              (output) => `random expression, root ${output}`
            )
          }
        })
      )
    })
  })
}

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? tensor.parameters.name : "")

agreement("cpu", layerTfjsCpu)
agreement("wasm", layerTfjsWasm)
if (isInstalled("@tensorflow/tfjs-node-gpu")) agreement("tensorflow", layerTfjsNodeGpu)
