import * as fc from "fast-check"
import type { RowsAndColumns } from "../domain/tensor/Tensor.ts"

type Shape4 = readonly [number, number, number, number]

/** A convolution whose shapes fit: `image` by `kernel` gives `result`. */
export interface ConvolutionCase {
  readonly image: Shape4
  readonly kernel: Shape4
  readonly result: Shape4
  readonly options: {
    readonly strides: RowsAndColumns
    readonly dilations: RowsAndColumns
    readonly padding: { readonly before: RowsAndColumns; readonly after: RowsAndColumns }
  }
}

/** One axis. The last `unused` rows of the padded image are out of the kernel's reach. */
const axisCases = fc
  .record({
    kernel: fc.integer({ min: 1, max: 3 }),
    result: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.nat(2),
    after: fc.nat(2),
    unused: fc.nat(2)
  })
  .map(({ unused, ...drawn }) => {
    const reached = drawn.stride * (drawn.result - 1) + drawn.dilation * (drawn.kernel - 1) + 1
    return { ...drawn, image: reached + (unused % drawn.stride) - drawn.before - drawn.after }
  })
  .filter(({ image }) => image > 0)

const few = fc.integer({ min: 1, max: 3 })

/** Convolutions with unequal axes, strides that do not divide, dilations, and padding beyond the kernel among them. */
export const convolutionCases: fc.Arbitrary<ConvolutionCase> = fc
  .tuple(fc.integer({ min: 1, max: 2 }), few, few, axisCases, axisCases)
  .map(([batch, channels, outputs, rows, columns]) => ({
    image: [batch, channels, rows.image, columns.image],
    kernel: [outputs, channels, rows.kernel, columns.kernel],
    result: [batch, outputs, rows.result, columns.result],
    options: {
      strides: [rows.stride, columns.stride],
      dilations: [rows.dilation, columns.dilation],
      padding: { before: [rows.before, columns.before], after: [rows.after, columns.after] }
    }
  }))
