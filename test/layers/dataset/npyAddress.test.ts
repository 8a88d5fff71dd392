import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { encodeNpy } from "../../../src/domain/data/npy.ts"
import { npyImagesFrom } from "../../../src/layers/dataset/npyAddress.ts"

const addressOf = (bytes: Uint8Array) => `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`

/** A NumPy file of unsigned bytes. */
const bytesFile = (shape: ReadonlyArray<number>, bytes: ReadonlyArray<number>) => {
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(", ")},), }`.padEnd(117)
  return Buffer.concat([
    Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, 118, 0]),
    Buffer.from(`${header}\n`),
    Buffer.from(bytes)
  ])
}

describe("images from an address", () => {
  it.effect("are those of a NumPy file of bytes, with or without an axis of channels", () =>
    Effect.gen(function* () {
      for (const shape of [
        [3, 1, 2],
        [3, 1, 1, 2]
      ]) {
        const source = yield* npyImagesFrom(addressOf(bytesFile(shape, [0, 51, 102, 153, 204, 255])))
        assert.deepStrictEqual([source.count, source.shapes.images], [3, [1, 1, 2]])
        const [batch] = yield* Stream.runCollect(
          Stream.take(source.batches({ batchSize: 3, seed: 1, firstUpdate: 0 }), 1)
        )
        const values = Array.from(batch?.inputs.images.values ?? [], (value) => Math.round(value * 255))
        assert.deepStrictEqual(
          values.toSorted((a, b) => a - b),
          [0, 51, 102, 153, 204, 255]
        )
      }
    })
  )

  it.effect("that cannot be had say so, with the address and what was found there", () =>
    Effect.gen(function* () {
      const gone = yield* Effect.flip(npyImagesFrom("http://127.0.0.1:9/digits.npy"))
      assert.strictEqual(gone.reason, "Missing")
      assert.match(gone.message, /^http:\/\/127\.0\.0\.1:9\/digits\.npy: it cannot be loaded: /)
      const text = yield* Effect.flip(npyImagesFrom("data:text/plain,hello"))
      assert.match(text.message, /must begin with the bytes/)
      const floats = addressOf(encodeNpy({ shape: [1, 1, 2], values: Float32Array.of(0, 1) }))
      assert.match((yield* Effect.flip(npyImagesFrom(floats))).message, /not floating-point numbers \[1, 1, 2\]$/)
      const flat = addressOf(bytesFile([4], [1, 2, 3, 4]))
      assert.match((yield* Effect.flip(npyImagesFrom(flat))).message, /not unsigned bytes \[4\]$/)
    })
  )
})
