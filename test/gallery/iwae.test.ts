import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets } from "fovea"
import iwae from "../../docs/gallery/iwae.ts"
import { keepsContract } from "./contract.ts"

const data = Data.imagesFrom(Datasets.synthetic({ count: 240, channels: 1, height: 28, width: 28, seed: 1 }))

describe("the importance-weighted bound", () => {
  it.live("rises, and lies above the variational one of the same state", () =>
    Effect.gen(function* () {
      const moves = { elbo: "rises", weighted: "rises" } as const
      const { metrics } = yield* keepsContract(iwae, { data, updates: 12, moves })
      for (const { elbo = 0, weighted = 0 } of metrics) assert.isAbove(weighted, elbo)
    })
  )
})
