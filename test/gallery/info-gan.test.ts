import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data } from "fovea"
import { tensorData } from "fovea/tensor"
import recipe from "../../docs/gallery/info-gan.ts"
import { syntheticImages } from "../../src/domain/data/syntheticImages.ts"
import { keepsContract } from "./contract.ts"

const images = syntheticImages({ count: 128, channels: 1, height: 28, width: 28, seed: 0, stream: "gallery" })
const data = Data.shuffled(Data.labelledImages({ ...images, labels: images.labels ?? new Uint8Array(), classes: 10 }))

describe("the gallery's info-gan", () => {
  it.live("keeps the contract, learns to read its latents, and draws by them", () =>
    Effect.gen(function* () {
      const { samples } = yield* keepsContract(recipe, {
        data,
        updates: 16,
        moves: { lossOfD: "falls", lossOfQ: "falls" },
        inputs: (count) => ({
          z: tensorData([count, 30], new Float32Array(30 * count)),
          labels: tensorData(
            [count],
            Float32Array.from({ length: count }, (_, i) => i)
          ),
          turn: tensorData([count, 1], new Float32Array(count))
        })
      })
      assert.deepStrictEqual(samples["images"]?.shape, [7, 1, 28, 28])
    })
  )
})
