import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data } from "fovea"
import recipe from "../../docs/gallery/characters.ts"
import { keepsContract } from "./contract.ts"

describe("the gallery's characters", () => {
  it.live("are learnt, gone on with to the bit, and written one a step", () =>
    Effect.gen(function* () {
      const text = new TextEncoder().encode("a gated cell reads, then writes. ".repeat(40))
      const data = Data.shuffled(Data.examples({ text: Data.windows(48, text, 8) }))
      const small = { data, updates: 8, moves: { bits: "falls" }, steps: 12, shown: false } as const
      const { metrics, samples } = yield* keepsContract(recipe, small)
      // At the start each of 256 characters is about as likely.
      assert.approximately(metrics[0]?.["bits"] ?? 0, 8, 0.2)
      const written = samples["text"]?.values ?? []
      const rows = Array.from({ length: 7 }, (_, i) => Array.from(written.slice(i * 400, (i + 1) * 400)))
      for (const row of rows) {
        assert.deepStrictEqual(row.slice(0, 388), Array(388).fill(0), "twelve steps write twelve characters")
        assert.isTrue(row.every((code) => Number.isInteger(code) && code >= 0 && code < 256))
      }
      assert.isAbove(new Set(rows.map((row) => row.join())).size, 5, "each sample its own")
    })
  )
})
