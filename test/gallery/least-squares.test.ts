import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets } from "fovea"
import recipe from "../../docs/gallery/least-squares.ts"
import { keepsContract } from "./contract.ts"

const images = { count: 100, channels: 1, height: 28, width: 28, seed: 3 }

describe("the gallery's least-squares", () => {
  it.live("keeps the contract, and D learns to tell images from the canvas", () =>
    Effect.gen(function* () {
      const data = Data.imagesFrom(Datasets.synthetic(images))
      const { samples } = yield* keepsContract(recipe, { data, moves: { lossOfD: "falls" }, updates: 6, shown: false })
      assert.deepStrictEqual(samples["images"]?.shape, [7, 1, 28, 28])
    })
  )
})
