import { add } from "../tensor/arithmetic.ts"
import { type ConvolutionOptions, conv2d, convTranspose2d } from "../tensor/convolution.ts"
import type { RowsAndColumns, Tensor } from "../tensor/Tensor.ts"
import type { Initialiser, ParameterSpec } from "./parameter.ts"

/**
 * Parameters of a convolution: `kernel` `[outputs, channels, size, size]`, `bias` `[1, outputs, 1, 1]`. Those of a
 * transposed one are of the convolution that it is the adjoint of, but for the bias: `kernel` leads from
 * `[.., outputs, ..]` to `[.., channels, ..]`, `bias` is `[1, channels, 1, 1]`.
 */
export type Convolution<Leaf> = {
  readonly kernel: Leaf
  readonly bias: Leaf
}

/** A square kernel of a convolution from `channels` to `outputs` maps, or of a transposed one from `outputs` to `channels`. */
export const kernelParameters = (
  channels: number,
  outputs: number,
  size: number,
  initialiser: Initialiser
): ParameterSpec => ({ shape: [outputs, channels, size, size], initialiser })

/** A bias for each of some maps, 0 at first. */
export const mapBias = (maps: number): ParameterSpec => ({
  shape: [1, maps, 1, 1],
  initialiser: { kind: "constant", value: 0 }
})

/** What keeps the size of numbers through rectifiers of so many inputs each: uniform, of variance `2 / inputs` (He 2015). */
export const forRectifiers = (inputs: number): Initialiser => ({ kind: "uniform", bound: Math.sqrt(6 / inputs) })

/**
 * A convolution from `channels` to `outputs` maps with square kernels and a bias, which begins at 0. Kernels begin uniform, of
 * variance `2 / (channels size^2)`, unless said otherwise.
 */
export const convolutionParameters = (
  channels: number,
  outputs: number,
  size: number,
  kernel: Initialiser = forRectifiers(channels * size ** 2)
): Convolution<ParameterSpec> => ({
  kernel: kernelParameters(channels, outputs, size, kernel),
  bias: mapBias(outputs)
})

/**
 * A transposed convolution from `outputs` to `channels` maps with square kernels and a bias, which begins at 0. Kernels begin
 * uniform, of variance `2 / (outputs size^2)`, unless said otherwise.
 */
export const transposedConvolutionParameters = (
  outputs: number,
  channels: number,
  size: number,
  kernel: Initialiser = forRectifiers(outputs * size ** 2)
): Convolution<ParameterSpec> => ({
  kernel: kernelParameters(channels, outputs, size, kernel),
  bias: mapBias(channels)
})

/** `k * x + b` (`conv2d`): `[n, channels, rows, columns]` to `[n, outputs, m, n]`, as the options have it. */
export const convolution = (
  { kernel, bias }: Convolution<Tensor>,
  images: Tensor,
  options?: ConvolutionOptions
): Tensor => add(conv2d(images, kernel, options), bias)

/**
 * The transposed convolution with a bias, `k^T y + b`: what "deconvolution" and "fractionally-strided convolution" (A.
 * Radford et al. 2015) stand for. Its linear part is the adjoint of `convolution`'s with the same options,
 *
 *     <convolve(x, k), y> = <x, convTranspose2d(y, k)>
 *
 * so with strides it enlarges: `[n, outputs, m, n]` to `[n, channels, ...size]`. `size` as in `convTranspose2d`.
 */
export const transposedConvolution = (
  { kernel, bias }: Convolution<Tensor>,
  maps: Tensor,
  options?: ConvolutionOptions & { readonly size?: RowsAndColumns }
): Tensor => add(convTranspose2d(maps, kernel, options), bias)

/**
 * How a kernel of `kernelSize` rows and columns, at least 2, moves over an image of `size` so that a convolution halves
 * rows and columns, rounding up, and a transposed one leads back to `size`: by two pixels, with `kernelSize - 2` zeros
 * around, the odd one in front, and one more behind odd rows or columns.
 */
export const stride2SamePadding = (kernelSize: number, size: RowsAndColumns): ConvolutionOptions => {
  const [before, after] = [Math.ceil((kernelSize - 2) / 2), Math.floor((kernelSize - 2) / 2)]
  const [rows, columns] = size
  return { strides: 2, padding: { before: [before, before], after: [after + (rows % 2), after + (columns % 2)] } }
}

/** Rows and columns after 0, 1, ... `times` halvings (`stride2SamePadding`): `times + 1` pairs. */
export const halvedSizes = (size: RowsAndColumns, times: number): ReadonlyArray<RowsAndColumns> =>
  Array.from({ length: times + 1 }, (_, layers) => [Math.ceil(size[0] / 2 ** layers), Math.ceil(size[1] / 2 ** layers)])
