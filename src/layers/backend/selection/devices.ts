import { execFile } from "node:child_process"
import { cpus } from "node:os"
import { basename } from "node:path"
import * as Effect from "effect/Effect"
import type { Device } from "./EngineStatus.ts"
import type { EngineName } from "./engineNames.ts"

/**
 * The device that a started engine computes on. To be asked in the process that started it: which driver WebGPU uses can
 * only be told by the libraries that have been loaded.
 */
export const deviceOf = (name: EngineName): Effect.Effect<Device> => {
  switch (name) {
    case "onnxruntime:cuda":
      return Effect.map(nvidiaName, (found) => ({ kind: "gpu", description: found ?? "an NVIDIA GPU" }))
    case "onnxruntime:webgpu":
      return Effect.sync(() => graphicsDevice(process.platform, loadedLibraries()))
    case "tfjs-node-gpu":
      return tensorflowDevice
    default:
      return Effect.succeed(cpu())
  }
}

const cpu = (): Device => ({ kind: "cpu", description: cpus()[0]?.model ?? "CPU" })

/** NVIDIA's own tool comes with its driver. */
const nvidiaName: Effect.Effect<string | undefined> = Effect.callback((resume) => {
  execFile("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], { timeout: 5000 }, (error, stdout) =>
    resume(Effect.succeed(error === null ? stdout.trim().split("\n")[0] : undefined))
  )
})

/** TensorFlow goes on with the CPU where it finds no GPU, and says so in one place. */
const tensorflowDevice: Effect.Effect<Device> = Effect.gen(function* () {
  const name = "@tensorflow/tfjs-node-gpu"
  // Not a literal: the package need not be there when this is compiled.
  const library: unknown = yield* Effect.promise(() => import(name))
  if (!usesGpu(library)) return { kind: "cpu", description: "TensorFlow found no GPU and uses the CPU" }
  return { kind: "gpu", description: (yield* nvidiaName) ?? "an NVIDIA GPU" }
})

const usesGpu = (library: unknown): boolean => {
  const backend = field(library, "backend")
  return typeof backend === "function" && field(backend(), "isUsingGpuDevice") === true
}

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

/** Paths of the native libraries in this process. */
const loadedLibraries = (): ReadonlyArray<string> => {
  const { report } = process
  // Otherwise it looks up the names of all network connections.
  Object.assign(report, { excludeNetwork: true })
  const libraries = field(report.getReport(), "sharedObjects")
  return Array.isArray(libraries) ? libraries.map(String) : []
}

const softwareDriver = /swiftshader|libvulkan_lvp|d3d10warp/i
const graphicsDriver =
  /^(libvulkan_\w+|libvk_\w+|libGLX_nvidia|libnvidia-\w+|amdvlk\w*|d3d10warp|nvwgf2\w*|igd\w+|amdx\w+)\b/i

/**
 * The device behind WebGPU, as the loaded drivers tell: on Linux it is one of Vulkan, and if all that were loaded compute on
 * the CPU, or none is known, there is no GPU. Metal has no other device than a GPU, and Direct3D one by name.
 */
export const graphicsDevice = (platform: NodeJS.Platform, libraries: ReadonlyArray<string>): Device => {
  const drivers = libraries
    .map((path) => basename(path.replaceAll("\\", "/")))
    .filter((file) => graphicsDriver.test(file))
  const [software, hardware] = [drivers.filter(isSoftware), drivers.filter((file) => !isSoftware(file))]
  if (platform === "darwin") return { kind: "gpu", description: "Metal" }
  if (platform === "win32") {
    return software.length > 0 && hardware.length === 0
      ? { kind: "software", description: "Direct3D 12 without a GPU (WARP)" }
      : { kind: "gpu", description: "Direct3D 12" }
  }
  return hardware.length > 0
    ? { kind: "gpu", description: `Vulkan, driver ${hardware.join(", ")}` }
    : { kind: "software", description: `Vulkan without a GPU, driver ${software.join(", ") || "unknown"}` }
}

const isSoftware = (file: string): boolean => softwareDriver.test(file)
