import { builtinModule } from "../../machine/builtinModule.ts"

/** The engines that programs can be run on, by the names that a user chooses them by. */
export const engineNames = [
  "onnxruntime",
  "onnxruntime:cuda",
  "onnxruntime:webgpu",
  "tfjs-node-gpu",
  "tfjs-node",
  "tfjs-wasm",
  "tfjs-cpu",
  "reference"
] as const

/** An engine that computes programs, by its name; with a provider's where it has several. */
export type EngineName = (typeof engineNames)[number]

/** The npm package that each engine is; `reference` is Fovea's own. */
export const enginePackages: { readonly [K in Exclude<EngineName, "reference">]: string } = {
  onnxruntime: "onnxruntime-node",
  "onnxruntime:cuda": "onnxruntime-node",
  "onnxruntime:webgpu": "onnxruntime-node",
  "tfjs-node-gpu": "@tensorflow/tfjs-node-gpu",
  "tfjs-node": "@tensorflow/tfjs-node",
  "tfjs-wasm": "@tensorflow/tfjs-backend-wasm",
  "tfjs-cpu": "@tensorflow/tfjs-backend-cpu"
}

const require = builtinModule("node:module")?.createRequire(import.meta.url)

/** The installed version of an engine's package, or nothing if it is not installed. */
export const engineVersion = (name: EngineName): string | undefined => {
  if (name === "reference" || require === undefined) return undefined
  try {
    const manifest: { readonly version?: string } = require(`${enginePackages[name]}/package.json`)
    return manifest.version
  } catch {
    return undefined
  }
}
