import type { Origin } from "./origin.ts"
import type { Shape } from "./Shape.ts"
import type { TensorData } from "./TensorData.ts"

/**
 * How a noise source is distributed. `bernoulli` draws 1 with the given probability and 0 otherwise (a dropout mask).
 */
export type Distribution =
  | { readonly kind: "normal" }
  | { readonly kind: "uniform" }
  | { readonly kind: "bernoulli"; readonly probability: number }

/** What a noise source draws. */
export interface NoiseParameters {
  readonly stream: string
  readonly distribution: Distribution
  readonly shape: Shape
  /** The axis that counts examples, of which each shard of a program draws its own (see `Sharding`); 0 if left out. */
  readonly exampleAxis?: number
  /** How many examples of a shard are drawn for, where it is a part of them (one of several steps in an update); all if left out. */
  readonly examples?: number
}

/** A number for rows and one for columns. */
export type RowsAndColumns = readonly [rows: number, columns: number]

/** How a kernel moves over images: the parameters of `conv2d`. */
export interface ConvolutionParameters {
  /** How far the kernel moves from one entry of the result to the next. */
  readonly strides: RowsAndColumns
  /** How far apart the kernel's entries are laid over the image. */
  readonly dilations: RowsAndColumns
  /** Zeros in front of the image's rows and columns. */
  readonly before: RowsAndColumns
  /** Zeros behind the image's rows and columns. */
  readonly after: RowsAndColumns
}

interface Primitive<Inputs extends ReadonlyArray<Tensor>, Parameters = Record<never, never>> {
  readonly inputs: Inputs
  readonly parameters: Parameters
}

type Source<Parameters> = Primitive<readonly [], Parameters>
type Unary<Parameters = Record<never, never>> = Primitive<readonly [Tensor], Parameters>
type Binary<Parameters = Record<never, never>> = Primitive<readonly [Tensor, Tensor], Parameters>

/**
 * The primitives of the language: what each takes. Its meaning, shape rule and gradient rule stand together in the file
 * named beside it; everything else is a composition of these. All tensors hold real numbers (float32 on engines).
 *
 * A table over `keyof Primitives` (rules, kernels, lowerings) must have an entry for each, or it does not compile.
 */
export interface Primitives {
  // source.ts
  readonly full: Source<{ readonly value: number; readonly shape: Shape }>
  readonly constant: Source<{ readonly data: TensorData }>
  readonly placeholder: Source<{ readonly name: string; readonly shape: Shape }>
  readonly noise: Source<NoiseParameters>
  // movement.ts
  readonly reshape: Unary<{ readonly shape: Shape }>
  readonly transpose: Unary<{ readonly permutation: ReadonlyArray<number> }>
  readonly slice: Unary<{ readonly starts: ReadonlyArray<number>; readonly sizes: Shape }>
  readonly pad: Unary<{ readonly before: ReadonlyArray<number>; readonly after: ReadonlyArray<number> }>
  readonly concatenate: Primitive<ReadonlyArray<Tensor>, { readonly axis: number }>
  // broadcast.ts
  readonly broadcast: Unary<{ readonly shape: Shape }>
  readonly sum: Unary<{ readonly axes: ReadonlyArray<number>; readonly keepAxes: boolean }>
  // arithmetic.ts
  readonly add: Binary
  readonly subtract: Binary
  readonly multiply: Binary
  readonly divide: Binary
  readonly negate: Unary
  // comparison.ts
  readonly greater: Binary
  readonly where: Primitive<readonly [condition: Tensor, whenTrue: Tensor, otherwise: Tensor]>
  readonly maximum: Binary
  readonly clamp: Unary<{ readonly lowest: number; readonly highest: number }>
  // elementwise.ts
  readonly exp: Unary
  readonly log: Unary
  readonly sqrt: Unary
  readonly sin: Unary
  readonly cos: Unary
  readonly tanh: Unary
  readonly sigmoid: Unary
  readonly softplus: Unary
  readonly relu: Unary
  readonly stopGradient: Unary
  // reduction.ts
  readonly max: Unary<{ readonly axes: ReadonlyArray<number>; readonly keepAxes: boolean }>
  readonly softmax: Unary
  // matmul.ts
  readonly matmul: Binary<{ readonly transposeA: boolean; readonly transposeB: boolean }>
  // pmean.ts
  readonly pmean: Unary
  // convolution.ts
  readonly conv2d: Binary<ConvolutionParameters>
  readonly convTranspose2d: Binary<ConvolutionParameters & { readonly size: RowsAndColumns }>
}

/** The name of a primitive. */
export type Op = keyof Primitives

/** An expression whose outermost primitive is `K`. */
export interface Node<K extends Op> {
  readonly op: K
  readonly inputs: Primitives[K]["inputs"]
  readonly parameters: Primitives[K]["parameters"]
  readonly shape: Shape
  /** Where it was written, if that was asked for (`traced`). It has no meaning. */
  readonly origin?: Origin
}

/**
 * A tensor: an immutable expression. Nothing is computed when it is made and nothing has to be freed; a
 * `TensorBackend` computes it as part of a `Program`. Made by the functions of this folder, never by hand:
 * they check shapes and throw a `ShapeError` where the expression is written.
 */
export type Tensor = { readonly [K in Op]: Node<K> }[Op]

/** True for anything made by the language, of any shape; tells a leaf of a parameter tree from a record of leaves. */
export const isTensor = (value: unknown): value is Tensor =>
  typeof value === "object" && value !== null && "op" in value && "inputs" in value && "shape" in value
