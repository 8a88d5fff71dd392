import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets } from "fovea"
import betaVae from "../../docs/gallery/beta-vae.ts"
import { keepsContract } from "./contract.ts"

const data = Data.imagesFrom(Datasets.synthetic({ count: 240, channels: 1, height: 28, width: 28, seed: 1 }))

describe("weighed KL terms", () => {
  it.live("train one autoencoder each, by a weight that follows the count of updates", () =>
    Effect.gen(function* () {
      const moves = { quarter: "rises", one: "rises", four: "rises" } as const
      const { tensors } = yield* keepsContract(betaVae, { data, updates: 12, moves })
      assert.deepStrictEqual([...(tensors["updates"]?.values ?? [])], [12])
    })
  )
})
