import { assert, describe, it } from "@effect/vitest"
import { graphicsDevice } from "../../../../src/layers/backend/selection/devices.ts"

const common = ["/lib/x86_64-linux-gnu/libc.so.6", "/x/libonnxruntime.so.1", "/usr/lib/libvulkan.so.1"]
const linux = (...drivers: ReadonlyArray<string>) => graphicsDevice("linux", [...common, ...drivers])

describe("graphicsDevice", () => {
  it("is software on Linux where every driver of Vulkan computes on the CPU, or none is known", () => {
    assert.deepStrictEqual(linux("/usr/lib/chromium/./libvk_swiftshader.so"), {
      kind: "software",
      description: "Vulkan without a GPU, driver libvk_swiftshader.so"
    })
    assert.strictEqual(linux("/usr/lib/x86_64-linux-gnu/libvulkan_lvp.so").kind, "software")
    assert.deepStrictEqual(linux(), { kind: "software", description: "Vulkan without a GPU, driver unknown" })
  })

  it("is a GPU on Linux where one of the drivers is a GPU's", () => {
    for (const driver of [
      "libvulkan_intel.so",
      "libvulkan_radeon.so",
      "libGLX_nvidia.so.0",
      "libnvidia-vulkan-producer.so.550"
    ]) {
      const device = linux("/usr/lib/libvulkan_lvp.so", `/usr/lib/${driver}`)
      assert.deepStrictEqual(device, { kind: "gpu", description: `Vulkan, driver ${driver}` })
    }
  })

  it("is one on macOS, and on Windows unless only WARP was loaded", () => {
    assert.strictEqual(graphicsDevice("darwin", []).kind, "gpu")
    assert.strictEqual(graphicsDevice("win32", ["C:\\Windows\\System32\\nvwgf2umx.dll"]).kind, "gpu")
    assert.strictEqual(graphicsDevice("win32", ["C:\\Windows\\System32\\d3d10warp.dll"]).kind, "software")
  })
})
