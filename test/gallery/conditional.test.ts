import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data } from "fovea"
import { tensorData } from "fovea/tensor"
import recipe from "../../docs/gallery/conditional.ts"
import { syntheticImages } from "../../src/domain/data/syntheticImages.ts"
import { keepsContract } from "./contract.ts"

const images = syntheticImages({ count: 128, channels: 1, height: 28, width: 28, seed: 0, stream: "gallery" })
const data = Data.shuffled(Data.labelledImages({ ...images, labels: images.labels ?? new Uint8Array(), classes: 10 }))

describe("the gallery's conditional", () => {
  // Its `show` measures by the classifier of MNIST, which would be trained for it.
  it.live("keeps the contract, and draws by the class that is asked for", () =>
    Effect.gen(function* () {
      const asked = (labels: ReadonlyArray<number>) => ({
        labels: tensorData([labels.length], Float32Array.from(labels))
      })
      const { samples } = yield* keepsContract(recipe, {
        data,
        updates: 16,
        moves: { lossOfD: "falls" },
        inputs: (count) => asked(Array.from({ length: count }, (_, i) => i)),
        shown: false
      })
      assert.deepStrictEqual(samples["images"]?.shape, [7, 1, 28, 28])
    })
  )
})
