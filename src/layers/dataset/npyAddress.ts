import * as Effect from "effect/Effect"
import { imageExamples } from "../../domain/data/Examples.ts"
import { decodeNpy } from "../../domain/data/npy.ts"
import { formatShape } from "../../domain/tensor/Shape.ts"
import { type BatchSource, shuffled } from "./BatchSource.ts"
import { DatasetError } from "./Dataset.ts"

/**
 * Images from a NumPy file at an address, such as one next to a page: unsigned bytes `[n, B, A]` or `[n, channels, B, A]`, as the array
 * `images`, `[batch, channels, B, A]` in [0, 1]. Fails with a `DatasetError` that names the address and what was found there.
 */
export const npyImagesFrom = Effect.fn("Data.npyImagesFrom")(function* (
  address: string
): Effect.fn.Return<BatchSource<"images">, DatasetError> {
  const failed = (reason: DatasetError["reason"], detail: string) => new DatasetError({ reason, file: address, detail })
  const file = yield* Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(address, { signal })
      if (!response.ok) throw new Error(`the server answers ${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    catch: (cause) =>
      failed("Missing", `it cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  const { shape, values } = yield* Effect.mapError(Effect.fromResult(decodeNpy(file)), ({ message }) =>
    failed("Malformed", message)
  )
  const [count = 0, channels = 0, height = 0, width = 0] = shape.length === 3 ? shape.toSpliced(1, 0, 1) : shape
  if (!(values instanceof Uint8Array) || ![3, 4].includes(shape.length) || values.length === 0) {
    const found = `${values instanceof Uint8Array ? "unsigned bytes" : "floating-point numbers"} ${formatShape(shape)}`
    return yield* failed(
      "Malformed",
      `expected images of unsigned bytes, [n, B, A] or [n, channels, B, A], not ${found}`
    )
  }
  const set = { count, channels, height, width, pixels: values, labels: undefined }
  return shuffled(imageExamples(set), { name: address })
})
