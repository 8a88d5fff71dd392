import { assert, it } from "@effect/vitest"
import { part } from "./hostileFiles.ts"

it("no file crashes a parser, makes it hang, or takes more memory than it may", { timeout: 180_000 }, async () => {
  const counts = await part.run({ size: "short", seed: 1 })
  for (const { what, losses, note } of counts) assert.strictEqual(losses, 0, `${what}: ${note}`)
  const tried = counts.reduce((sum, count) => sum + count.tried, 0)
  assert.isAbove(tried, 4000)
  assert.lengthOf(counts, 16)
})
