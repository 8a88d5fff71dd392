import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets } from "fovea"
import recipe from "../../docs/gallery/wgan-gp.ts"
import { keepsContract } from "./contract.ts"

const images = { count: 400, channels: 1, height: 28, width: 28, seed: 3 }

describe("the gallery's wgan-gp", () => {
  it.live("keeps the contract, and comes nearer to the images", () =>
    Effect.gen(function* () {
      const data = Data.imagesFrom(Datasets.synthetic(images))
      const { samples } = yield* keepsContract(recipe, { data, moves: { energyDistance: "falls" }, updates: 12 })
      assert.deepStrictEqual(samples["images"]?.shape, [7, 1, 28, 28])
    })
  )
})
