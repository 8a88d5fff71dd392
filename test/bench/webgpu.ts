// What WebGPU does on this machine: its device, how far its results are from Reference, and times beside the CPU's.
//   node test/bench/webgpu.ts
import * as Effect from "effect/Effect"
import { layerOnnxRuntimeWith } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { probeEngine } from "../../src/layers/backend/selection/probeEngine.ts"
import { afterSmallUpdates, greatestDifference } from "../layers/backend/onnx/smallUpdate.ts"

const updates = 10

const measured = Effect.gen(function* () {
  const [webgpu, cpu] = yield* Effect.forEach(["onnxruntime:webgpu", "onnxruntime"] as const, (name) =>
    probeEngine(name, { timed: true, limitSeconds: 300 })
  )
  console.log(`device               ${webgpu?.device?.description ?? webgpu?.problem}`)
  if (webgpu?.status !== "present") return
  console.log(
    `yardstick            ${webgpu.milliseconds?.toFixed(1)} ms a step; cpu ${cpu?.milliseconds?.toFixed(1)} ms`
  )
  const begin = performance.now()
  const found = yield* Effect.provide(afterSmallUpdates(updates), layerOnnxRuntimeWith({ providers: ["webgpu"] }))
  const seconds = (performance.now() - begin) / 1000
  const expected = yield* Effect.provide(afterSmallUpdates(updates), layerReference, { local: true })
  console.log(`${updates} small updates     ${seconds.toFixed(1)} s with compiling`)
  console.log(`greatest difference  ${greatestDifference(found, expected).toExponential(1)} from Reference`)
})

await Effect.runPromise(measured)
