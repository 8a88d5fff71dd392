import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp from "sharp"
import { decodeFiles } from "../../src/layers/dataset/folder/decodeFiles.ts"
import { readSamples } from "../../src/layers/samples/readSamples.ts"
import type { Raster } from "./imageFiles.ts"

export interface Read {
  readonly height: number
  readonly width: number
  readonly channels: number
  /** In rows, the channels of a pixel in turn. */
  readonly pixels: ReadonlyArray<number>
}

/** A file as both readers have it, which must be the same; or what both say of it. */
export const read = (file: Uint8Array, channels?: "grey" | "colour"): Promise<Read | string> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-decode-" })
    yield* fs.writeFile(`${folder}/a`, file)
    const own = yield* decodeFiles(folder, [{ path: "a" }], { channels })
    const { height, width, channels: count, pixels } = own
    const [refused] = own.refused
    if (refused !== undefined) {
      // Samples are of a size that is known; what is wrong with the file is found before or behind that.
      const {
        width: w = 1,
        height: h = 1,
        autoOrient: o
      } = yield* Effect.promise(() =>
        Promise.resolve()
          .then(() => sharp(file, { limitInputPixels: false }).metadata())
          .catch(() => ({ width: 1, height: 1, autoOrient: undefined }))
      )
      const format = { channels: 3, height: o?.height ?? h, width: o?.width ?? w }
      const { problem } = yield* Effect.flip(readSamples(folder, format))
      assert.strictEqual(problem, refused.problem)
      return refused.problem
    }
    const samples = yield* readSamples(folder, { channels: count, height, width })
    assert.deepStrictEqual(
      Array.from(samples.values, (value) => Math.round(255 * value)),
      [...pixels]
    )
    assert.deepStrictEqual(
      samples.values,
      Float32Array.from(pixels, (value) => value / 255)
    )
    const inTurn = Array.from(
      { length: pixels.length },
      (_, i) => pixels[(i % count) * height * width + Math.floor(i / count)] ?? 0
    )
    return { height, width, channels: count, pixels: inTurn }
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise)

/** Its samples, for sharp. */
export const raw = ({ width, height, channels, data }: Raster) =>
  sharp(data, { raw: { width, height, channels: channels === 1 ? 1 : channels === 2 ? 2 : channels === 3 ? 3 : 4 } })
/** The same at 16 bits. */
export const deep = (raster: Raster): Raster => ({
  ...raster,
  bits: 16,
  data: Uint8Array.from(Array.from(raster.data).flatMap((v) => [v, v]))
})
/** The same with one more channel, which says that all is opaque. */
export const opaque = (raster: Raster): Raster => ({
  ...raster,
  channels: raster.channels + 1,
  data: Uint8Array.from(
    Array.from(raster.data).flatMap((value, i) => ((i + 1) % raster.channels === 0 ? [value, 255] : [value]))
  )
})
