import { type Shape, sizeOf } from "../Shape.ts"
import type { ConvolutionParameters } from "../Tensor.ts"

/** An operand's numbers and shape. */
export interface ConvolutionOperand {
  readonly values: Float64Array
  readonly shape: Shape
}

/** `conv2d`; `shape` is the result's. */
export const convolveNumbers = (
  parameters: ConvolutionParameters,
  x: ConvolutionOperand,
  kernel: ConvolutionOperand,
  shape: Shape
): Float64Array => {
  const result = new Float64Array(sizeOf(shape))
  const stride = parameters.strides[1]
  forEachRun(parameters, x.shape, kernel.shape, shape, (tap, image, target, count) => {
    const weight = kernel.values[tap] ?? 0
    for (let j = 0; j < count; j++) {
      result[target + j] = (result[target + j] ?? 0) + (x.values[image + j * stride] ?? 0) * weight
    }
  })
  return result
}

/** `convTranspose2d`; `shape` is the result's. */
export const convolveTransposedNumbers = (
  parameters: ConvolutionParameters,
  y: ConvolutionOperand,
  kernel: ConvolutionOperand,
  shape: Shape
): Float64Array => {
  const result = new Float64Array(sizeOf(shape))
  const stride = parameters.strides[1]
  forEachRun(parameters, shape, kernel.shape, y.shape, (tap, target, source, count) => {
    const weight = kernel.values[tap] ?? 0
    for (let j = 0; j < count; j++) {
      const at = target + j * stride
      result[at] = (result[at] ?? 0) + (y.values[source + j] ?? 0) * weight
    }
  })
  return result
}

/** Where one entry of the kernel meets the image along an axis: results `first .. end - 1`, at `stride i + offset`. */
interface Reach {
  readonly offset: number
  readonly first: number
  readonly end: number
}

const reachOf = (
  { strides, dilations, before }: ConvolutionParameters,
  axis: 0 | 1,
  sizes: { readonly image: number; readonly kernel: number; readonly result: number }
): ReadonlyArray<Reach> =>
  Array.from({ length: sizes.kernel }, (_, tap) => {
    const offset = tap * dilations[axis] - before[axis]
    const first = Math.max(0, Math.ceil(-offset / strides[axis]))
    const end = Math.min(sizes.result, Math.floor((sizes.image - 1 - offset) / strides[axis]) + 1)
    return { offset, first, end }
  })

/**
 * Visits all pairs of an entry of the image and one of the result that an entry of the kernel joins, a row of the
 * result at a time: where the kernel's entry lies, where the row begins in the image (neighbours are `strides[1]` apart)
 * and in the result (neighbours are next to each other), and how many there are. Shapes as in `conv2d`.
 */
const forEachRun = (
  parameters: ConvolutionParameters,
  image: Shape,
  kernel: Shape,
  result: Shape,
  visit: (tap: number, image: number, result: number, count: number) => void
): void => {
  const [batch = 1, channels = 1, rows = 1, columns = 1] = image
  const [outputs = 1, , kernelRows = 1, kernelColumns = 1] = kernel
  const [, , resultRows = 1, resultColumns = 1] = result
  const [rowStride, columnStride] = parameters.strides
  const downwards = reachOf(parameters, 0, { image: rows, kernel: kernelRows, result: resultRows })
  const across = reachOf(parameters, 1, { image: columns, kernel: kernelColumns, result: resultColumns })
  for (let b = 0; b < batch; b++) {
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < channels; c++) {
        const imagePlane = (b * channels + c) * rows
        const resultPlane = (b * outputs + o) * resultRows
        let tap = (o * channels + c) * kernelRows * kernelColumns
        for (const down of downwards) {
          for (const along of across) {
            const count = along.end - along.first
            for (let i = down.first; i < down.end && count > 0; i++) {
              const imageRow = imagePlane + i * rowStride + down.offset
              const imageStart = imageRow * columns + along.first * columnStride + along.offset
              visit(tap, imageStart, (resultPlane + i) * resultColumns + along.first, count)
            }
            tap += 1
          }
        }
      }
    }
  }
}
