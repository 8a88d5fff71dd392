import type { ConvolutionParameters, RowsAndColumns, Tensor } from "../../../domain/tensor/Tensor.ts"

/** How a kernel moves over an image. */
export type Moves = Pick<ConvolutionParameters, "strides" | "dilations" | "before">

/** Rows and columns of images or of a kernel, `[.., .., rows, columns]`. */
export const planeOf = ({ shape }: Tensor): RowsAndColumns => [shape[2] ?? 1, shape[3] ?? 1]

/** Whole numbers from 0. */
export const upTo = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

/** Results of a convolution, pixel by pixel, and the pixels of the image that they are made of. */
export interface Meetings {
  /** Of each result, for each entry of the kernel, the image's pixel; the one behind its last stands for what is outside. */
  readonly pixels: ReadonlyArray<number>
  /** Entries of the kernel. */
  readonly entries: number
}

/** For each row (or column) of the results the rows of the image that the kernel's entries meet there; -1 is outside. */
type Taps = ReadonlyArray<ReadonlyArray<number>>

const within = (index: number, size: number): number => (index >= 0 && index < size ? index : -1)

const meetings = ([height, width]: RowsAndColumns, rows: Taps, columns: Taps): Meetings => ({
  pixels: rows.flatMap((down) =>
    columns.flatMap((along) =>
      down.flatMap((row) => along.map((column) => (row < 0 || column < 0 ? height * width : row * width + column)))
    )
  ),
  entries: (rows[0]?.length ?? 1) * (columns[0]?.length ?? 1)
})

/** What a convolution's results meet: rows `strides i + dilations p - before` of an image of `size`, for results i and entries p. */
export const meetingsOf = (
  { strides, dilations, before }: Moves,
  { size, results, kernel }: { readonly [K in "size" | "results" | "kernel"]: RowsAndColumns }
): Meetings => {
  const taps = (axis: 0 | 1): Taps =>
    upTo(results[axis]).map((i) =>
      upTo(kernel[axis]).map((p) => within(strides[axis] * i + dilations[axis] * p - before[axis], size[axis]))
    )
  return meetings(size, taps(0), taps(1))
}

/** Pixels of a transposed convolution's result that the same entries of the kernel lead to, and what they meet in the maps. */
export interface Phase extends Meetings {
  readonly results: ReadonlyArray<number>
  /** The entries' places in the kernel. */
  readonly places: ReadonlyArray<number>
}

/**
 * The phases of a transposed convolution's strides. Row r of its result is made of the rows `(r + before - dilations p) / strides` of the
 * maps, of size `from`, for those entries p that give whole numbers: with strides of 2 there are even and odd rows and columns, of which
 * each meets a quarter of the kernel.
 */
export const phasesOf = (
  { strides, dilations, before }: Moves,
  { size, from, kernel }: { readonly [K in "size" | "from" | "kernel"]: RowsAndColumns }
): ReadonlyArray<Phase> => {
  const along = (axis: 0 | 1) => {
    const [stride, dilation, first] = [strides[axis], dilations[axis], before[axis]]
    return upTo(stride).flatMap((phase) => {
      const results = upTo(size[axis]).filter((row) => (row + first) % stride === phase)
      const entries = upTo(kernel[axis]).filter((p) => (dilation * p) % stride === phase)
      const taps = results.map((row) => entries.map((p) => within((row + first - dilation * p) / stride, from[axis])))
      return results.length === 0 ? [] : [{ results, entries, taps }]
    })
  }
  return along(0).flatMap((rows) =>
    along(1).map((columns) => ({
      ...meetings(from, rows.taps, columns.taps),
      results: rows.results.flatMap((row) => columns.results.map((column) => row * size[1] + column)),
      places: rows.entries.flatMap((p) => columns.entries.map((q) => p * kernel[1] + q))
    }))
  )
}
