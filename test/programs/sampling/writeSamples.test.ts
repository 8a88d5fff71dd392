import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import sharp from "sharp"
import { sampler } from "../../../src/domain/program/sampler.ts"
import { broadcast } from "../../../src/domain/tensor/broadcast.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { layerSharp } from "../../../src/layers/image/sharp.ts"
import { sampleGrid, showGrid, writeSampleGrid } from "../../../src/programs/sampling/writeSamples.ts"

/** Images of 6 rows and 5 columns, the n-th of them of the brightness n / 255. */
const images = (count: number, channels: number) =>
  tensorData(
    [count, channels, 6, 5],
    Float32Array.from({ length: count * channels * 30 }, (_, i) => Math.floor(i / (channels * 30)) / 255)
  )

const layers = Layer.provideMerge(layerSharp, NodeServices.layer)

describe("sampleGrid", () => {
  it("has ten columns or as many as are asked for, grey or coloured as the images are", () => {
    for (const [channels, count, columns, rows] of [
      [1, 100, undefined, 10],
      [3, 12, undefined, 2],
      [1, 12, 4, 3]
    ] as const) {
      const { channels: found, width, height } = sampleGrid(images(count, channels), columns)
      assert.strictEqual(found, channels)
      // Each image is enlarged threefold; between them and around them are gaps of 3.
      assert.deepStrictEqual([width, height], [(columns ?? 10) * 18 + 3, rows * 21 + 3])
    }
  })
})

describe("writeSampleGrid", () => {
  it.effect("writes the grid's pixels as PNG, in a folder that it makes", () =>
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const path = `${folder}/new/grid.png`
      yield* writeSampleGrid(path, images(6, 1), 3)
      const read = yield* Effect.promise(() =>
        sharp(path).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true })
      )
      assert.deepStrictEqual([read.info.width, read.info.height], [57, 45])
      assert.deepStrictEqual([...read.data], [...sampleGrid(images(6, 1), 3).pixels])
      // The middle of the fifth image, the second of the second row.
      assert.strictEqual(read.data[(24 + 9) * 57 + 21 + 7], 4)
    }).pipe(Effect.scoped, Effect.provide(layers))
  )
})

describe("showGrid", () => {
  it.effect("draws a hundred images of the trained state into the run's folder", () =>
    Effect.gen(function* () {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const state = { level: { shape: [1, 1, 1, 1], initialiser: { kind: "constant", value: 0 } } } as const
      const flat = sampler("flat", state, ({ level }, batch) => ({ images: broadcast(level, [batch, 1, 6, 5]) }))
      const tensors = { level: tensorData([1, 1, 1, 1], Float32Array.of(0.2)) }
      yield* showGrid(flat)({ tensors, updates: 1, folder })
      const read = yield* Effect.promise(() =>
        sharp(`${folder}/samples.png`).raw().toBuffer({ resolveWithObject: true })
      )
      assert.deepStrictEqual([read.info.width, read.info.height], [183, 213])
      assert.deepStrictEqual(new Set(read.data), new Set([255, 51]))
    }).pipe(Effect.scoped, Effect.provide(layers), Effect.provide(layerReference))
  )
})
