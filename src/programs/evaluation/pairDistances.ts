import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { gatherImages, type ImageSet } from "../../domain/dataset/Images.ts"
import { distancesProgram, nearestProgram, referenceState } from "../../domain/evaluation/distancePrograms.ts"
import type { Program } from "../../domain/tensor/Program.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

/** Points that a step measures distances of. */
const batch = 100

/** Images that a step holds: 10,000 pictures of MNIST are 31 MB. */
const usualBlock = 10_000

/**
 * Visits the squared distances of each point `[n, ..]` to all references `[m, ..]`, row by row; the row is used again.
 * Rows are exact to a few units of `2^-24` times the squared norms, as `distancesProgram` says.
 */
export const visitDistances = Effect.fnUntraced(function* (
  points: TensorData,
  references: TensorData,
  visit: (point: number, squared: TensorData["values"]) => void
): Effect.fn.Return<void, BackendError, TensorBackend> {
  const { count: m, width } = sizesOf(references)
  const program = distancesProgram({ references: m, batch, dimension: width })
  yield* Effect.scoped(
    Effect.gen(function* () {
      const measure = yield* measuring(program, references, points)
      for (let first = 0; first < measure.count; first += batch) {
        const squared = yield* measure.from(first)
        for (let i = 0; i < Math.min(batch, measure.count - first); i++) {
          visit(first + i, squared.subarray(i * m, (i + 1) * m))
        }
      }
    })
  )
})

/**
 * The Euclidean distance of each picture `[n, channels, B, A]` to the nearest image of the whole set, `block` at a time: `[n]`. About
 * `n * images * size` products: 1.5 s of one core for 1,000 pictures and 50,000 images of MNIST.
 */
export const nearestDistances = Effect.fn("nearestDistances")(function* (
  pictures: TensorData,
  images: ImageSet,
  block = usualBlock
): Effect.fn.Return<Float64Array, BackendError, TensorBackend> {
  const { count, width } = sizesOf(pictures)
  const size = Math.min(block, images.count)
  const program = nearestProgram({ references: size, batch, dimension: width })
  const nearest = new Float64Array(count).fill(Number.POSITIVE_INFINITY)
  for (let from = 0; from < images.count; from += size) {
    // The last block overlaps the one before it: an image that is looked at twice changes no minimum.
    const start = Math.min(from, images.count - size)
    const references = gatherImages(
      images,
      Uint32Array.from({ length: size }, (_, i) => start + i)
    )
    yield* Effect.scoped(
      Effect.gen(function* () {
        const measure = yield* measuring(program, references, pictures)
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
      const values = new Float32Array(batch * width)
      values.set(points.values.subarray(first * width, Math.min(first + batch, count) * width))
      yield* executable.step({ inputs: { points: tensorData([batch, width], values) }, noise: { seed: 0, step: 0 } })
      const { squared } = yield* executable.readOutputs
      yield* Effect.yieldNow
      return squared.values
    })
  }
})

const sizesOf = ({ shape: [count = 0, ...rest] }: TensorData) => ({ count, width: sizeOf(rest) })
