import type { Shape } from "../../../domain/tensor/Shape.ts"
import type { ConvolutionParameters, Primitives } from "../../../domain/tensor/Tensor.ts"
import type { Emitter, Value } from "./Emitter.ts"
import { padded, permuted, sliced } from "./movement.ts"

/*
 * tfjs's kernels want images as [batch, rows, columns, channels] and kernels as [rows, columns, channels, outputs], and not
 * every backend takes padding by numbers or dilations with strides. So padding is done before or after, a kernel that is
 * dilated gets its zeros where the kernel has no dilations, and what is left is the form that all of them take.
 */

/** `[.., n, m]` with `apart - 1` rows of zeros between the rows. */
const spread = (emit: Emitter, value: Value, apart: number): Value => {
  const [before = 1, rows = 1, width = 1] = value.shape
  if (apart === 1 || rows === 1) return value
  const wide = padded(emit, value, [0, 0, 0], [0, 0, (apart - 1) * width])
  const all = emit.reshape(wide, [before, rows * apart, width])
  return sliced(emit, all, [0, 0, 0], [before, (rows - 1) * apart + 1, width])
}

/** A kernel `[rows, columns, channels, outputs]` with zeros between its entries. */
const dilated = (emit: Emitter, kernel: Value, [down, across]: ConvolutionParameters["dilations"]): Value => {
  const [rows = 1, columns = 1, channels = 1, outputs = 1] = kernel.shape
  const tall = spread(emit, emit.reshape(kernel, [1, rows, columns * channels * outputs]), down)
  const newRows = tall.shape[1] ?? rows
  const wide = spread(emit, emit.reshape(tall, [newRows, columns, channels * outputs]), across)
  return emit.reshape(wide, [newRows, wide.shape[1] ?? columns, channels, outputs])
}

const channelsLast = [0, 2, 3, 1]
const channelsSecond = [0, 3, 1, 2]
const kernelOrder = [2, 3, 1, 0]

/** Lowers the convolution of images `[batch, channels, rows, columns]` by kernels `[outputs, channels, rows, columns]`. */
export const lowerConvolution = (
  emit: Emitter,
  { strides, dilations, before, after }: ConvolutionParameters,
  x: Value,
  kernel: Value,
  shape: Shape
): Value => {
  const image = padded(emit, permuted(emit, x, channelsLast), [0, ...before, 0], [0, ...after, 0])
  const inner = permuted(emit, kernel, kernelOrder)
  const strided = strides.some((n) => n > 1)
  // Kept by the kernel like the right operand of a product: see `lowerMatmul`.
  const filter = emit.own(strided ? dilated(emit, inner, dilations) : inner)
  const attributes = {
    strides,
    pad: "valid",
    dataFormat: "NHWC",
    dilations: strided ? [1, 1] : dilations,
    dimRoundingMode: undefined
  }
  const [batch = 1, outputs = 1, rows = 1, columns = 1] = shape
  const y = emit.call("Conv2D", { x: image, filter }, attributes, [batch, rows, columns, outputs])
  return permuted(emit, y, channelsSecond)
}

/** Lowers its adjoint: of `[batch, outputs, m, n]` and the same kernels, images of shape `shape`. */
export const lowerTransposedConvolution = (
  emit: Emitter,
  { strides, dilations, before, after }: Primitives["convTranspose2d"]["parameters"],
  y: Value,
  kernel: Value,
  shape: Shape
): Value => {
  const [batch = 1, channels = 1, rows = 1, columns = 1] = shape
  const filter = dilated(emit, permuted(emit, kernel, kernelOrder), dilations)
  // The image with its padding, which is cut off afterwards.
  const inputShape = [batch, rows + before[0] + after[0], columns + before[1] + after[1], channels]
  const attributes = { strides, pad: "valid", dataFormat: "NHWC", dimRoundingMode: undefined, inputShape }
  const whole = emit.call(
    "Conv2DBackpropInput",
    { dy: permuted(emit, y, channelsLast), filter },
    attributes,
    inputShape
  )
  const image = sliced(emit, whole, [0, ...before, 0], [batch, rows, columns, channels])
  return permuted(emit, image, channelsSecond)
}
