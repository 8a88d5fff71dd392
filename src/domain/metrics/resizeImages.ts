import { requireFilled, type TensorData, tensorData } from "../tensor/TensorData.ts"

/**
 * Images `[n, channels, B, A]` with another number of rows and columns, as networks of features are shown them: by Keys' cubic
 * (a = -1/2), which is widened where an image shrinks so that every pixel counts, as Pillow's `BICUBIC` does and the published
 * Frechet distances of G. Parmar, R. Zhang, J.-Y. Zhu (On aliased resizing and surprising subtleties in GAN evaluation, CVPR 2022). Numbers
 * are not rounded, and next to hard edges may leave the range of the original a little. Images of that size already are as they are.
 */
export const resizeImages = (images: TensorData, height: number, width: number): TensorData => {
  requireFilled(images)
  const [n = 0, channels = 0, rows = 0, columns = 0] = images.shape
  if (rows === height && columns === width) return images
  const across = weightsOf(columns, width)
  const down = weightsOf(rows, height)
  const narrowed = new Float32Array(n * channels * rows * width)
  for (let line = 0; line < n * channels * rows; line++) {
    across.forEach(({ from, weights }, x) => {
      let total = 0
      weights.forEach((weight, i) => {
        total += weight * (images.values[line * columns + from + i] ?? 0)
      })
      narrowed[line * width + x] = total
    })
  }
  const resized = new Float32Array(n * channels * height * width)
  for (let plane = 0; plane < n * channels; plane++) {
    down.forEach(({ from, weights }, y) => {
      for (let x = 0; x < width; x++) {
        let total = 0
        weights.forEach((weight, i) => {
          total += weight * (narrowed[(plane * rows + from + i) * width + x] ?? 0)
        })
        resized[(plane * height + y) * width + x] = total
      }
    })
  }
  return tensorData([n, channels, height, width], resized)
}

/** The pixels that one of the new ones is made of, and how much of each; the weights sum to 1. */
interface Weights {
  readonly from: number
  readonly weights: ReadonlyArray<number>
}

const weightsOf = (given: number, wanted: number): ReadonlyArray<Weights> => {
  const scale = given / wanted
  const stretch = Math.max(scale, 1)
  return Array.from({ length: wanted }, (_, at) => {
    const centre = (at + 0.5) * scale
    const from = Math.max(0, Math.floor(centre - 2 * stretch + 0.5))
    const to = Math.min(given, Math.floor(centre + 2 * stretch + 0.5))
    const plain = Array.from({ length: to - from }, (_, i) => cubic((from + i + 0.5 - centre) / stretch))
    const total = plain.reduce((sum, weight) => sum + weight, 0)
    return { from, weights: plain.map((weight) => weight / total) }
  })
}

/** Keys' kernel with a = -1/2, on (-2, 2). */
const cubic = (distance: number): number => {
  const x = Math.abs(distance)
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
}
