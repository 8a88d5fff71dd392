import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { gatherRows, type ImageSet, pixelMeans } from "../../domain/data/Images.ts"
import { distancesProgram, nearestProgram, referenceState } from "../../domain/metrics/distancePrograms.ts"
import { squaredDistance, squaredNorms } from "../../domain/metrics/nearestNeighbours.ts"
import { lessRow, type Rows } from "../../domain/metrics/Rows.ts"
import type { Program } from "../../domain/tensor/Program.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

/** Points that a step measures distances of. */
const batch = 100

/** Images that a step holds: 10,000 images of MNIST are 31 MB. */
const usualBlock = 10_000

/** Below this share of the squared norms a distance is added up in float64: float32 has lost its digits. */
const exactBelow = 1 / 64

/**
 * Visits the squared distances of each point to all references, rows of one width, row by row; the row is used again. Wherever the rows
 * lie: the backend works in float32 on their deviations from `centre`, in a unit in which the greatest is about 1, and what is
 * small beside the squared norms is computed again from the differences. Relative error about 1e-5; equal pairs of rows have equal
 * distances about the same centre.
 */
export const visitDistances = Effect.fnUntraced(function* (
  points: Rows,
  references: Rows,
  centre: Float64Array,
  visit: (point: number, squared: Float64Array) => void
): Effect.fn.Return<void, BackendError, TensorBackend> {
  const m = references.count
  const y = lessRow(references, centre)
  const x = points === references ? y : lessRow(points, centre)
  const greatest = Math.max(greatestOf(x), greatestOf(y))
  const unit = greatest > 0 ? 2 ** Math.floor(Math.log2(greatest)) : 1
  const [xNorms, yNorms] = [squaredNorms(x), squaredNorms(y)]
  const program = distancesProgram({ references: m, batch, dimension: references.width })
  const row = new Float64Array(m)
  yield* Effect.scoped(
    Effect.gen(function* () {
      const measure = yield* measuring(program, inFloat32(y, unit), inFloat32(x, unit))
      for (let first = 0; first < measure.count; first += batch) {
        const squared = yield* measure.from(first)
        for (let i = 0; i < Math.min(batch, measure.count - first); i++) {
          const point = first + i
          const norm = xNorms[point] ?? 0
          for (let j = 0; j < m; j++) {
            const quick = (squared[i * m + j] ?? 0) * unit * unit
            row[j] =
              quick > exactBelow * (norm + (yNorms[j] ?? 0)) ? quick : squaredDistance(points, point, references, j)
          }
          visit(point, row)
        }
      }
    })
  )
})

const greatestOf = ({ values }: Rows): number =>
  values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0)

const inFloat32 = ({ count, width, values }: Rows, unit: number): TensorData =>
  tensorData(
    [count, width],
    Float32Array.from(values, (value) => value / unit)
  )

/**
 * The Euclidean distance of each image `[n, channels, B, A]` to the nearest image of the whole set, `block` at a time: `[n]`. About
 * `n * images * size` products: 1.5 s of one core for 1,000 images and 50,000 images of MNIST.
 */
export const nearestDistances = Effect.fn("nearestDistances")(function* (
  samples: TensorData,
  images: ImageSet,
  block = usualBlock
): Effect.fn.Return<Float64Array, BackendError, TensorBackend> {
  const { count, width } = sizesOf(samples)
  const size = Math.min(block, images.count)
  const program = nearestProgram({ references: size, batch, dimension: width })
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  // Deviations from the mean image are shorter than images are, and float32 loses less of them.
  const { values: mean } = pixelMeans(images)
  // A loop: by `Float64Array.from` with a function this was most of what measuring took.
  const centred = ({ shape, values }: TensorData): TensorData => {
    const deviations = new Float64Array(values.length)
    for (let row = 0; row < values.length; row += width) {
      for (let j = 0; j < width; j++) deviations[row + j] = (values[row + j] ?? 0) - (mean[j] ?? 0)
    }
    return tensorData(shape, deviations)
  }
  const points = centred(samples)
  for (let from = 0; from < images.count; from += size) {
    // The last block overlaps the one before it: an image that is looked at twice changes no minimum.
    const start = Math.min(from, images.count - size)
    const references = gatherRows(images, start, size)
    yield* Effect.scoped(
      Effect.gen(function* () {
        const measure = yield* measuring(program, centred(references), points)
        for (let first = 0; first < count; first += batch) {
          const squared = yield* measure.from(first)
          for (let i = first; i < Math.min(first + batch, count); i++) {
            nearest[i] = Math.min(nearest[i] ?? 0, squared[i - first] ?? 0)
          }
        }
      })
    )
  }
  return nearest.map(Math.sqrt)
})

/** The program with its references, and the outputs for the batch of points from an index on, zeros behind the last. */
const measuring = Effect.fnUntraced(function* (
  program: Program<"points", "squared">,
  references: TensorData,
  points: TensorData
): Effect.fn.Return<
  { readonly count: number; readonly from: (first: number) => Effect.Effect<TensorData["values"], BackendError> },
  BackendError,
  TensorBackend | Scope.Scope
> {
  const backend = yield* TensorBackend
  const executable = yield* backend.compile(program, referenceState(references))
  const { count, width } = sizesOf(points)
  return {
    count,
    from: Effect.fnUntraced(function* (first) {
      const values = new Float64Array(batch * width)
      values.set(points.values.subarray(first * width, Math.min(first + batch, count) * width))
      yield* executable.step({ inputs: { points: tensorData([batch, width], values) }, noise: { seed: 0, step: 0 } })
      const { squared } = yield* executable.readOutputs
      yield* Effect.yieldNow
      return squared.values
    })
  }
})

const sizesOf = ({ shape: [count = 0, ...rest] }: TensorData) => ({ count, width: sizeOf(rest) })
