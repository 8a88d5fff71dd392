// All laws of `fovea/testing` on the backends of browsers, in headless Chromium; run by `npm run browser`, or with the names of backends:
// `npm run browser -- wasm webgpu`. WebGPU is SwiftShader's, on the processor.
import * as Effect from "effect/Effect"
import type { Asked } from "./laws.ts"
import { openLaws } from "./openLaws.ts"

const known = ["wasm", "webgpu", "reference"] as const
const asked = process.argv.slice(2)
const backends = known.filter((name) => asked.length === 0 || asked.includes(name))

const main = Effect.gen(function* () {
  const { check, complaints } = yield* openLaws
  let isSound = true
  for (const backend of backends) {
    const runs: Asked["options"] = backend === "wasm" ? { slow: true } : { runs: 10 }
    const began = performance.now()
    const { broken, report } = yield* check({ backend, options: runs, names: [] })
    console.log(`${report}, in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    isSound &&= broken.length === 0
  }
  for (const complaint of complaints) console.error(complaint)
  process.exitCode = isSound ? 0 : 1
})

await Effect.runPromise(Effect.scoped(main))
