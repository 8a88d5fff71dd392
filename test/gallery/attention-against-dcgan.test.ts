import { describe, it } from "@effect/vitest"
import { Data } from "fovea"
import recipe from "../../docs/gallery/attention-against-dcgan.ts"
import { syntheticImages } from "../../src/domain/data/syntheticImages.ts"
import { keepsContract } from "./contract.ts"

const data = Data.shuffled(
  Data.images(syntheticImages({ count: 64, channels: 1, height: 28, width: 28, seed: 0, stream: "gallery" }))
)

describe("the gallery's attention-against-dcgan", () => {
  // Its `show` measures by the classifier of MNIST, which would be trained for it.
  it.live("keeps the contract, each of the three learning", () =>
    keepsContract(recipe, {
      data,
      updates: 12,
      moves: {
        "attention.discriminatorLoss": "falls",
        "dcgan.realAccuracy": "rises",
        "crossed.discriminatorLoss": "falls"
      },
      shown: false
    })
  )
})
