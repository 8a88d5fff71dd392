import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { autoChoice, autoOrder, isSuitable } from "../../../../src/layers/backend/selection/autoChoice.ts"
import type { EngineStatus } from "../../../../src/layers/backend/selection/EngineStatus.ts"
import { engineNames } from "../../../../src/layers/backend/selection/engineNames.ts"

const cpu: EngineStatus = { name: "onnxruntime", status: "present", device: { kind: "cpu", description: "a CPU" } }
const webgpu: EngineStatus = {
  name: "onnxruntime:webgpu",
  status: "present",
  device: { kind: "gpu", description: "Vulkan, driver libvulkan_intel.so" }
}
const cuda: EngineStatus = {
  name: "onnxruntime:cuda",
  status: "present",
  device: { kind: "gpu", description: "NVIDIA L4" }
}

const anyEngineStatus: fc.Arbitrary<EngineStatus> = fc.record({
  name: fc.constantFrom(...engineNames),
  status: fc.constantFrom("present" as const, "missing" as const, "failed" as const),
  device: fc.record({
    kind: fc.constantFrom("cpu" as const, "gpu" as const, "software" as const),
    description: fc.constantFrom("one", "another")
  })
})

describe("autoChoice", () => {
  it("takes the best GPU there is, and else the native CPU engine", () => {
    assert.deepStrictEqual(autoChoice([cpu, webgpu, cuda]), { name: "onnxruntime:cuda", reason: "NVIDIA L4" })
    assert.deepStrictEqual(autoChoice([cpu, webgpu, { ...cuda, status: "missing" }]), {
      name: "onnxruntime:webgpu",
      reason: "Vulkan, driver libvulkan_intel.so; onnxruntime:cuda is not there"
    })
    assert.strictEqual(autoChoice([cpu, { ...cuda, status: "failed" }]).name, "onnxruntime")
    assert.strictEqual(autoChoice([]).name, "onnxruntime")
  })

  it("passes over what only looks like a GPU, and says so", () => {
    const software: EngineStatus = { ...webgpu, device: { kind: "software", description: "SwiftShader" } }
    const tensorflow: EngineStatus = {
      name: "tfjs-node-gpu",
      status: "present",
      device: { kind: "cpu", description: "CPU" }
    }
    assert.deepStrictEqual(autoChoice([{ ...cuda, status: "failed" }, tensorflow, software, cpu]), {
      name: "onnxruntime",
      reason:
        "the native CPU engine; onnxruntime:cuda does not work here; tfjs-node-gpu has no GPU (CPU); onnxruntime:webgpu has no GPU (SwiftShader)"
    })
  })

  it("is the first suitable one of its order, whatever is found in whatever order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(anyEngineStatus, { selector: ({ name }) => name }), (found) => {
        const suitable = autoOrder.find((name) => found.some((one) => one.name === name && isSuitable(one)))
        assert.strictEqual(autoChoice(found).name, suitable ?? "onnxruntime")
        assert.strictEqual(autoChoice([...found].reverse()).name, suitable ?? "onnxruntime")
      })
    )
  })
})
