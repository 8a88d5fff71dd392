import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bundled } from "../../build/pages.ts"
import { withoutBrowser } from "../support/browser.ts"
import { openLaws } from "./openLaws.ts"

/** Bytes of all of the library for browsers, minified, before compression. */
const largest = 550_000

const absent = withoutBrowser("backends were not held to the laws in a browser")

describe("fovea/browser", () => {
  it("has nothing of Node in what it imports, and is of the size that docs/browser.md says", async () => {
    const { code, imports } = await bundled("src/browser.ts")
    assert.deepStrictEqual([...imports].sort(), ["onnxruntime-web/wasm", "onnxruntime-web/webgpu"])
    assert.isAtMost(code.length, largest)
  })
})

// A part of the laws; `npm run browser` holds the engines to all of them.
const names = [
  "state: ",
  "border: ",
  "noise: ",
  "primitives: matmul",
  "primitives: conv2d",
  "primitives: softmax",
  "training: "
]

describe.skipIf(absent)("the backends of browsers", () => {
  it.live(
    "keep the laws of every backend in Chromium",
    () =>
      Effect.gen(function* () {
        const { check, complaints } = yield* openLaws
        for (const [backend, words] of [
          ["wasm", names],
          ["reference", names.slice(0, 3)]
        ] as const) {
          const { broken, kept, report } = yield* check({ backend, options: { runs: 2 }, names: words })
          assert.deepStrictEqual(broken, [], report)
          assert.isAtLeast(kept.length, 15)
        }
        assert.deepStrictEqual(complaints, [])
      }).pipe(Effect.scoped),
    120_000
  )
})
