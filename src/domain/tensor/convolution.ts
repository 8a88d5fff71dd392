import { slice, transpose } from "./movement.ts"
import { build, Mismatch, type Rules } from "./Rule.ts"
import { formatShape, type Shape, sameShape } from "./Shape.ts"
import type { ConvolutionParameters, RowsAndColumns, Tensor } from "./Tensor.ts"

const perAxis = (f: (axis: 0 | 1) => number): RowsAndColumns => [f(0), f(1)]

/** Rows and columns of a shape `[_, _, rows, columns]`. */
const planeOf = (shape: Shape): RowsAndColumns => perAxis((axis) => shape[axis + 2] ?? 1)

/** How far apart the outermost entries of a dilated kernel are, both counted. */
const extentOf = ({ dilations }: ConvolutionParameters, kernel: Shape): RowsAndColumns =>
  perAxis((axis) => dilations[axis] * ((kernel[axis + 2] ?? 1) - 1) + 1)

/**
 * Rows and columns of the smallest `x` of which a convolution makes `result`: along each axis,
 *
 *     strides (result - 1) + dilations (kernel - 1) + 1 - before - after
 *
 * An `x` with up to `strides - 1` more has a result of the same size.
 */
export const leastSize = (parameters: ConvolutionParameters, result: Shape, kernel: Shape): RowsAndColumns => {
  const { strides, before, after } = parameters
  const [counts, extent] = [planeOf(result), extentOf(parameters, kernel)]
  return perAxis((axis) => strides[axis] * (counts[axis] - 1) + extent[axis] - before[axis] - after[axis])
}

const areAtLeast = (least: number, numbers: ReadonlyArray<number>): boolean =>
  numbers.length === 2 && numbers.every((n) => Number.isSafeInteger(n) && n >= least)

const requireParameters = (
  { strides, dilations, before, after }: ConvolutionParameters,
  inputs: ReadonlyArray<Shape>
): void => {
  if (inputs.some((shape) => shape.length !== 4)) {
    throw new Mismatch("needs [batch, channels, rows, columns] and a kernel [outputs, channels, rows, columns]")
  }
  if (!areAtLeast(1, strides)) throw new Mismatch(`strides ${formatShape(strides)} must be two positive integers`)
  if (!areAtLeast(1, dilations)) throw new Mismatch(`dilations ${formatShape(dilations)} must be two positive integers`)
  if (!areAtLeast(0, before) || !areAtLeast(0, after)) {
    throw new Mismatch(
      `cannot be padded by ${formatShape(before)} in front and ${formatShape(after)} behind: rows and columns, no fewer than 0`
    )
  }
}

/**
 * A convolution and its adjoint. Both, and the derivative with respect to the kernel, are derivatives of one form that
 * is linear in each of its three arguments,
 *
 *     <convolve(x, k), y> =
 *       sum_{b,o,c,i,j,p,q} x[b, c, s i + d p - before, s j + d q - before] k[o, c, p, q] y[b, o, i, j]
 *
 * (s: strides, d: dilations, 0 outside of x), so their gradients are convolutions again, of every order.
 */
export const convolutionRules: Rules<"conv2d" | "convTranspose2d"> = {
  // y = the derivative of the form above with respect to y
  conv2d: {
    shape: (parameters, inputs) => {
      requireParameters(parameters, inputs)
      const [x = [], kernel = []] = inputs
      if (x[1] !== kernel[1]) throw new Mismatch(`${x[1]} channels, but a kernel for ${kernel[1]}`)
      const { strides, before, after } = parameters
      const extent = extentOf(parameters, kernel)
      const padded = perAxis((axis) => (x[axis + 2] ?? 1) + before[axis] + after[axis])
      if (extent.some((size, axis) => size > (padded[axis] ?? 0))) {
        throw new Mismatch(
          `a kernel over ${formatShape(extent)} is larger than what it moves in, ${formatShape(padded)}`
        )
      }
      const counts = perAxis((axis) => Math.floor((padded[axis] - extent[axis]) / strides[axis]) + 1)
      return [x[0] ?? 1, kernel[0] ?? 1, ...counts]
    },
    // dx = convTranspose2d(g, k), dk: see `kernelCotangent`
    gradient: (node, g) => {
      const [x, kernel] = node.inputs
      return [
        transposedOf(g, kernel, node.parameters, planeOf(x.shape)),
        kernelCotangent(x, g, node.parameters, kernel.shape)
      ]
    }
  },
  // x = the derivative of the form above with respect to x
  convTranspose2d: {
    shape: ({ size, ...parameters }, inputs) => {
      requireParameters(parameters, inputs)
      const [y = [], kernel = []] = inputs
      if (y[1] !== kernel[0]) throw new Mismatch(`${y[1]} channels, but a kernel with ${kernel[0]} outputs`)
      const least = leastSize(parameters, y, kernel)
      const greatest = perAxis((axis) => least[axis] + parameters.strides[axis] - 1)
      const fits = size.every((n, axis) => n >= (least[axis] ?? 0) && n <= (greatest[axis] ?? 0))
      if (!areAtLeast(1, size) || !fits) {
        throw new Mismatch(
          `cannot have size ${formatShape(size)}: the sizes that convolve to ${formatShape(planeOf(y))} are ${formatShape(least)} to ${formatShape(greatest)}`
        )
      }
      return [y[0] ?? 1, kernel[1] ?? 1, ...size]
    },
    // dy = convolve(g, k), and dk as that of the convolution of g whose result y is
    gradient: (node, g) => {
      const [y, kernel] = node.inputs
      const { size: _, ...parameters } = node.parameters
      return [convolutionOf(g, kernel, parameters), kernelCotangent(g, y, parameters, kernel.shape)]
    }
  }
}

const convolutionOf = (x: Tensor, kernel: Tensor, parameters: ConvolutionParameters): Tensor =>
  build(convolutionRules.conv2d, "conv2d", parameters, [x, kernel])

const transposedOf = (y: Tensor, kernel: Tensor, parameters: ConvolutionParameters, size: RowsAndColumns): Tensor =>
  build(convolutionRules.convTranspose2d, "convTranspose2d", { ...parameters, size }, [y, kernel])

/** Batch and channels in each other's place. */
const swapped = (x: Tensor): Tensor => transpose(x, [1, 0, 2, 3])

/**
 * The derivative of `<convolve(x, k), y>` with respect to `k`, of shape `kernel`:
 *
 *     dk[o, c, p, q] = sum_{b,i,j} x[b, c, s i + d p - before, s j + d q - before] y[b, o, i, j]
 *
 * which is the convolution of `x` by the kernel `y`, batch and channels swapped in both, with strides for dilations and
 * dilations for strides.
 */
const kernelCotangent = (x: Tensor, y: Tensor, parameters: ConvolutionParameters, kernel: Shape): Tensor => {
  const { strides, dilations, before } = parameters
  const [size, least] = [planeOf(x.shape), leastSize(parameters, y.shape, kernel)]
  // Where strides do not divide, the kernel never reaches the last rows and columns: first padding, then x's own.
  const after = perAxis((axis) => Math.max(0, parameters.after[axis] - (size[axis] - least[axis])))
  const all = convolutionOf(swapped(x), swapped(y), { strides: dilations, dilations: strides, before, after })
  const wanted = [...all.shape.slice(0, 2), ...planeOf(kernel)]
  return swapped(sameShape(all.shape, wanted) ? all : slice(all, [0, 0, 0, 0], wanted))
}

/** How a kernel moves over an image. One number stands for rows and columns alike. */
export interface ConvolutionOptions {
  /** How far the kernel moves from one entry of the result to the next; 1 if not given. */
  readonly strides?: number | RowsAndColumns
  /** How far apart the kernel's entries are laid over the image; 1 if not given. */
  readonly dilations?: number | RowsAndColumns
  /** Zeros around the image: a number for all four sides, or for each; none if not given. */
  readonly padding?: number | { readonly before: RowsAndColumns; readonly after: RowsAndColumns }
}

const both = (n: number | RowsAndColumns): RowsAndColumns => (typeof n === "number" ? [n, n] : n)

const parametersOf = ({ strides = 1, dilations = 1, padding = 0 }: ConvolutionOptions): ConvolutionParameters => {
  const { before, after } = typeof padding === "number" ? { before: both(padding), after: both(padding) } : padding
  return { strides: both(strides), dilations: both(dilations), before, after }
}

/**
 * The convolution (strictly, cross-correlation: the kernel is not turned round) of images by kernels, as ONNX's `Conv`:
 *
 *     y[b, o, i, j] = sum_{c,p,q} x[b, c, s i + d p - before, s j + d q - before] k[o, c, p, q]
 *
 * with strides s, dilations d and zeros outside of x. `x: [batch, channels, rows, columns]`,
 * `kernel: [outputs, channels, kernelRows, kernelColumns]` to `[batch, outputs, m, n]`, where
 *
 *     m = floor((rows + before + after - d (kernelRows - 1) - 1) / s) + 1, and n likewise.
 *
 * Padding adds nothing to a sum, except that on ONNX Runtime an infinity of the kernel over it gives NaN.
 * Throws a `ShapeError` if channels differ or the kernel is larger than the padded image.
 */
export const conv2d = (x: Tensor, kernel: Tensor, options: ConvolutionOptions = {}): Tensor =>
  convolutionOf(x, kernel, parametersOf(options))

/**
 * The adjoint of `conv2d` in its first operand, as ONNX's `ConvTranspose`: with the same options,
 * `<convolve(x, k), y> = <x, convTranspose2d(y, k)>`. With strides it enlarges images.
 *
 *     x[b, c, u, v] = sum of y[b, o, i, j] k[o, c, p, q]
 *                     over all o, i, j, p, q with u = s i + d p - before and v = s j + d q - before
 *
 * `y: [batch, outputs, m, n]`, `kernel: [outputs, channels, kernelRows, kernelColumns]` to `[batch, channels, ...size]`.
 * Strides above 1 lead from several sizes to one `m, n`: `size` says which is meant, the smallest
 * (`s (m - 1) + d (kernelRows - 1) + 1 - before - after` rows) if it is not given.
 * Throws a `ShapeError` if no convolution with these options leads from that size to y's.
 */
export const convTranspose2d = (
  y: Tensor,
  kernel: Tensor,
  { size, ...options }: ConvolutionOptions & { readonly size?: RowsAndColumns } = {}
): Tensor => {
  const parameters = parametersOf(options)
  return transposedOf(y, kernel, parameters, size ?? leastSize(parameters, y.shape, kernel.shape))
}
