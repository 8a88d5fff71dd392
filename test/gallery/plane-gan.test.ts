import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import recipe from "../../docs/gallery/plane-gan.ts"
import { keepsContract } from "./contract.ts"

describe("the gallery's plane-gan", () => {
  // In its first updates G, which begins near the middle, moves to where D takes points for real.
  it.live("keeps the contract, and moves its points away from the middle", () =>
    Effect.gen(function* () {
      const { samples } = yield* keepsContract(recipe, { moves: { lossOfD: "rises" }, updates: 60 })
      const { points } = samples
      assert.deepStrictEqual(points?.shape, [7, 2])
      const distances = Array.from({ length: 7 }, (_, i) =>
        Math.hypot(...(points?.values.subarray(2 * i, 2 * i + 2) ?? []))
      )
      assert.isAbove(Math.max(...distances), 0.5)
    })
  )
})
