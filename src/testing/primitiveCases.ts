import * as fc from "fast-check"
import { add, divide, multiply, negate, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../domain/tensor/convolution.ts"
import { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, stopGradient, tanh } from "../domain/tensor/elementwise.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../domain/tensor/movement.ts"
import { pmean } from "../domain/tensor/pmean.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import { constant, full, noise, placeholder } from "../domain/tensor/source.ts"
import type { Op, Tensor } from "../domain/tensor/Tensor.ts"
import { type ConvolutionCase, convolutionCases } from "./convolutionCases.ts"
import { type Domain, type DrawnOperand, operand } from "./operands.ts"
import { anyShape, shapeAndAxes, shapeAndAxis, shapeOfRank, stretchableShapes, stretchableTo } from "./shapes.ts"

/** One use of a primitive: arguments, and how it is built of placeholders of their shapes. */
export interface PrimitiveCase {
  readonly operands: ReadonlyArray<DrawnOperand>
  readonly build: (operands: ReadonlyArray<Tensor>) => Tensor
}

const source = (build: (shape: Shape) => Tensor): fc.Arbitrary<PrimitiveCase> =>
  anyShape.map((shape) => ({ operands: [], build: () => build(shape) }))

const unary = (shape: fc.Arbitrary<Shape>, domain: Domain, build: (x: Tensor) => Tensor): fc.Arbitrary<PrimitiveCase> =>
  shape
    .chain((drawn) => operand(drawn, domain))
    .map((x) => ({ operands: [x], build: (tensors) => build(nth(tensors, 0)) }))

const binary = (domains: readonly [Domain, Domain], build: (a: Tensor, b: Tensor) => Tensor) =>
  stretchableShapes(2)
    .chain(({ shapes: [a = [], b = []] }) => fc.tuple(operand(a, domains[0]), operand(b, domains[1])))
    .map((operands): PrimitiveCase => ({ operands, build: (tensors) => build(nth(tensors, 0), nth(tensors, 1)) }))

/** The `i`-th of the tensors that a case is built of. */
export const nth = (tensors: ReadonlyArray<Tensor>, i: number): Tensor => {
  const tensor = tensors[i]
  if (tensor === undefined) throw new Error(`a case has no operand ${i}`)
  return tensor
}

const withParameters = <P>(
  shapeAndParameters: fc.Arbitrary<readonly [Shape, P]>,
  domain: Domain,
  build: (x: Tensor, parameters: P) => Tensor
): fc.Arbitrary<PrimitiveCase> =>
  shapeAndParameters.chain(([shape, parameters]) => unary(fc.constant(shape), domain, (x) => build(x, parameters)))

/** Another shape with as many elements: neighbouring axes joined, axes of size 1 added. */
const regrouped = (shape: Shape): fc.Arbitrary<Shape> =>
  fc.tuple(fc.nat(Math.max(shape.length - 1, 0)), fc.boolean()).map(([at, one]) => {
    const joined = shape.length < 2 ? shape : [...shape.slice(0, at), sizeOf(shape.slice(at))]
    return one ? [...joined, 1] : joined
  })

const partOf = (shape: Shape): fc.Arbitrary<ReadonlyArray<readonly [start: number, size: number]>> =>
  fc.tuple(
    ...shape.map((n) =>
      fc.nat(n - 1).chain((start) => fc.tuple(fc.constant(start), fc.integer({ min: 1, max: n - start })))
    )
  )

const paddingOf = (shape: Shape): fc.Arbitrary<ReadonlyArray<readonly [before: number, after: number]>> =>
  fc.tuple(...shape.map(() => fc.tuple(fc.nat(2), fc.nat(2))))

const joinable: fc.Arbitrary<PrimitiveCase> = shapeAndAxis.chain(([shape, axis]) =>
  fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
    .chain((sizes) => fc.tuple(...sizes.map((size) => operand(shape.with(axis, size)))))
    .map((operands) => ({ operands, build: (tensors) => concatenate(tensors, axis) }))
)

const products: fc.Arbitrary<PrimitiveCase> = fc
  .record({
    batch: shapeOfRank(0, 2),
    rows: fc.integer({ min: 1, max: 4 }),
    inner: fc.integer({ min: 1, max: 4 }),
    columns: fc.integer({ min: 1, max: 4 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean()
  })
  .chain(({ batch, rows, inner, columns, transposeA, transposeB }) =>
    fc
      .tuple(stretchableTo(batch), stretchableTo(batch))
      .chain(([batchA, batchB]) =>
        fc.tuple(
          operand([...batchA, ...(transposeA ? [inner, rows] : [rows, inner])]),
          operand([...batchB, ...(transposeB ? [columns, inner] : [inner, columns])])
        )
      )
      .map((operands) => ({
        operands,
        build: (tensors) => matmul(nth(tensors, 0), nth(tensors, 1), { transposeA, transposeB })
      }))
  )

const convolutions = (
  shapesOf: (drawn: ConvolutionCase) => readonly [Shape, Shape],
  build: (drawn: ConvolutionCase, first: Tensor, kernel: Tensor) => Tensor
): fc.Arbitrary<PrimitiveCase> =>
  convolutionCases.chain((drawn) => {
    const [first, kernel] = shapesOf(drawn)
    return fc
      .tuple(operand(first), operand(kernel))
      .map((operands) => ({ operands, build: (tensors) => build(drawn, nth(tensors, 0), nth(tensors, 1)) }))
  })

/** Zeros and other numbers with no small ones between, so that moving a condition a little never changes it. */
const choices: fc.Arbitrary<PrimitiveCase> = stretchableShapes(3).chain(({ shapes: [c = [], a = [], b = []] }) =>
  fc
    .tuple(
      operand(c, "nonzero").chain((condition) =>
        fc
          .array(fc.boolean(), { minLength: condition.values.length, maxLength: condition.values.length })
          .map((truths) => ({ shape: c, values: condition.values.map((value, i) => (truths[i] === true ? value : 0)) }))
      ),
      operand(a),
      operand(b)
    )
    .map(([condition, whenTrue, otherwise]) => ({
      operands: [whenTrue, otherwise],
      // The condition is a constant: it has no derivative, and finite differences across 0 would see one.
      build: (tensors) => where(constant(condition), nth(tensors, 0), nth(tensors, 1))
    }))
)

/** Uses of every primitive, over random shapes (broadcast ones and axes of size 1 among them) and numbers. */
export const primitiveCases: { readonly [K in Op]: fc.Arbitrary<PrimitiveCase> } = {
  full: source((shape) => full(shape, -0.75)),
  constant: anyShape.chain((shape) => operand(shape)).map((data) => ({ operands: [], build: () => constant(data) })),
  placeholder: source((shape) => placeholder("given", shape)),
  noise: fc
    .tuple(
      anyShape,
      fc.constantFrom(
        { kind: "normal" } as const,
        { kind: "uniform" } as const,
        { kind: "bernoulli", probability: 0.5 } as const
      )
    )
    .map(([shape, distribution]) => ({ operands: [], build: () => noise(distribution.kind, distribution, shape) })),
  reshape: withParameters(
    anyShape.chain((shape) => fc.tuple(fc.constant(shape), regrouped(shape))),
    "any",
    reshape
  ),
  transpose: withParameters(
    anyShape.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length }
        )
      )
    ),
    "any",
    transpose
  ),
  slice: withParameters(
    anyShape.chain((shape) => fc.tuple(fc.constant(shape), partOf(shape))),
    "any",
    (x, part) =>
      slice(
        x,
        part.map(([start]) => start),
        part.map(([, size]) => size)
      )
  ),
  pad: withParameters(
    anyShape.chain((shape) => fc.tuple(fc.constant(shape), paddingOf(shape))),
    "any",
    (x, padding) =>
      pad(
        x,
        padding.map(([before]) => before),
        padding.map(([, after]) => after)
      )
  ),
  concatenate: joinable,
  broadcast: withParameters(
    anyShape.chain((shape) => fc.tuple(stretchableTo(shape), fc.constant(shape))),
    "any",
    broadcast
  ),
  sum: withParameters(
    shapeAndAxes.chain(([shape, axes]) => fc.tuple(fc.constant(shape), fc.tuple(fc.constant(axes), fc.boolean()))),
    "any",
    (x, [axes, keep]) => sum(x, axes, keep)
  ),
  add: binary(["any", "any"], add),
  subtract: binary(["any", "any"], subtract),
  multiply: binary(["any", "any"], multiply),
  divide: binary(["any", "nonzero"], divide),
  negate: unary(anyShape, "any", negate),
  greater: binary(["eighths", "betweenEighths"], greater),
  where: choices,
  maximum: binary(["eighths", "betweenEighths"], maximum),
  clamp: unary(anyShape, "eighths", (x) => clamp(x, -0.8, 1.1)),
  exp: unary(anyShape, "any", exp),
  log: unary(anyShape, "positive", log),
  sqrt: unary(anyShape, "positive", sqrt),
  sin: unary(anyShape, "angles", sin),
  cos: unary(anyShape, "angles", cos),
  tanh: unary(anyShape, "any", tanh),
  sigmoid: unary(anyShape, "any", sigmoid),
  softplus: unary(anyShape, "any", softplus),
  relu: unary(anyShape, "nonzero", relu),
  stopGradient: unary(anyShape, "any", stopGradient),
  pmean: unary(anyShape, "any", pmean),
  max: withParameters(
    shapeAndAxes.chain(([shape, axes]) => fc.tuple(fc.constant(shape), fc.tuple(fc.constant(axes), fc.boolean()))),
    "distinct",
    (x, [axes, keep]) => max(x, axes, keep)
  ),
  softmax: unary(shapeOfRank(1, 4), "any", softmax),
  matmul: products,
  conv2d: convolutions(
    ({ image, kernel }) => [image, kernel],
    ({ options }, x, kernel) => conv2d(x, kernel, options)
  ),
  convTranspose2d: convolutions(
    ({ result, kernel }) => [result, kernel],
    ({ options, image }, y, kernel) => convTranspose2d(y, kernel, { ...options, size: [image[2], image[3]] })
  )
}
