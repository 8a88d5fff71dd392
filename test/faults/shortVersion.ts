import { assert, describe, it } from "@effect/vitest"
import type { FaultPart } from "./FaultPart.ts"

/** Slow: real processes. `npm run faults` runs the same in full. */
const limitMillis = 240_000

/** The short version of some parts as tests; in several files, so that they run beside each other. */
export const testShortVersion = (parts: ReadonlyArray<FaultPart>): void => {
  describe("the short version of the fault tests", () => {
    for (const { name, run } of parts) {
      it(
        `${name}: nothing is lost`,
        async () => {
          const counts = await run({ size: "short", seed: 1 })
          assert.isNotEmpty(counts)
          for (const { what, tried, losses, note = "" } of counts) {
            assert.strictEqual(losses, 0, `${what}: ${note}`)
            if (!note.startsWith("skipped")) assert.isAbove(tried, 0, what)
          }
        },
        limitMillis
      )
    }
  })
}
