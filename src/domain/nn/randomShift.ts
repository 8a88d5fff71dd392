import { less, where } from "../tensor/comparison.ts"
import { pad, size, sliceAxis } from "../tensor/movement.ts"
import { uniformNoise } from "../tensor/source.ts"
import type { Tensor } from "../tensor/Tensor.ts"

/**
 * Each image of `[n, channels, B, A]` moved up or down and left or right by a whole number of pixels, at most `most`,
 * all equally probable and drawn for each image from the noise streams `<stream>/rows` and `<stream>/columns`. What
 * comes in is black, what goes out is lost. A `most` of 0 changes nothing.
 */
export const randomShift = (images: Tensor, most: number, stream: string): Tensor =>
  most === 0 ? images : shiftAlong(shiftAlong(images, 2, most, `${stream}/rows`), 3, most, `${stream}/columns`)

const shiftAlong = (images: Tensor, axis: number, most: number, stream: string): Tensor => {
  const margin = images.shape.map((_, i) => (i === axis ? most : 0))
  const padded = pad(images, margin, margin)
  const choices = 2 * most + 1
  const drawn = uniformNoise(stream, [size(images, 0), 1, 1, 1])
  const from = (start: number): Tensor => sliceAxis(padded, axis, start, size(images, axis))
  return Array.from({ length: choices - 1 }, (_, i) => i).reduceRight<Tensor>(
    (others, start) => where(less(drawn, (start + 1) / choices), from(start), others),
    from(choices - 1)
  )
}
