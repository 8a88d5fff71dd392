import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets } from "fovea"
import ddpm from "../../docs/gallery/ddpm.ts"
import { keepsContract } from "./contract.ts"

const data = Data.imagesFrom(Datasets.synthetic({ count: 240, channels: 1, height: 28, width: 28, seed: 1 }))

describe("denoising diffusion", () => {
  it.live("learns to denoise, and draws images in as many steps as there are times", () =>
    Effect.gen(function* () {
      const { samples } = yield* keepsContract(ddpm, { data, updates: 24, moves: { loss: "falls" }, shown: false })
      const { images } = samples
      assert.deepStrictEqual(images?.shape, [7, 1, 28, 28])
      assert.isTrue(images?.values.every((x) => x >= 0 && x <= 1))
      assert.strictEqual(ddpm.sampler?.(5).steps, 100)
    })
  )
})
