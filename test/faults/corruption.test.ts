import { assert, it } from "@effect/vitest"
import { part } from "./corruption.ts"

it("no flipped byte and no cut goes unnoticed", { timeout: 120_000 }, async () => {
  const counts = await part.run({ size: "short", seed: 1 })
  for (const { what, tried, losses } of counts) {
    assert.isAbove(tried, 20, what)
    assert.strictEqual(losses, 0, what)
  }
  assert.lengthOf(counts, 13)
})
