import { standardNormal } from "../../src/domain/random/noise.ts"
import { type Shape, sizeOf } from "../../src/domain/tensor/Shape.ts"
import type { Tensor } from "../../src/domain/tensor/Tensor.ts"

/** Draws from N(0, deviation^2) that depend only on the seed and the name: large random tensors that shrink with the seed. */
export const normals = (seed: number, name: string, shape: Shape, deviation = 1): Float64Array =>
  Float64Array.from(standardNormal({ seed, stream: `test/${name}`, step: 0 }, sizeOf(shape)), (n) => n * deviation)

/** Such draws for every placeholder of a flat record, by its name. */
export const normalsFor = (
  seed: number,
  placeholders: Readonly<Record<string, Tensor>>,
  deviation = 1
): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(placeholders).map(([name, { shape }]) => [name, normals(seed, name, shape, deviation)])
  )
