import { createRequire } from "node:module"
import type * as Layer from "effect/Layer"
import { layerOnnxRuntime, layerOnnxRuntimeWith } from "../../onDemand.ts"
import { layerReference } from "../reference.ts"
import type { BackendError, TensorBackend } from "../TensorBackend.ts"
import { layerTfjsCpu, layerTfjsNode, layerTfjsNodeGpu, layerTfjsWasm } from "../tfjs/tfjs.ts"

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

/** The layer of each engine. All of them fail where what they need is missing; none takes another instead. */
export const engineLayers: { readonly [K in EngineName]: Layer.Layer<TensorBackend, BackendError> } = {
  onnxruntime: layerOnnxRuntime,
  "onnxruntime:cuda": layerOnnxRuntimeWith({ providers: ["cuda"] }),
  "onnxruntime:webgpu": layerOnnxRuntimeWith({ providers: ["webgpu"] }),
  "tfjs-node-gpu": layerTfjsNodeGpu,
  "tfjs-node": layerTfjsNode,
  "tfjs-wasm": layerTfjsWasm,
  "tfjs-cpu": layerTfjsCpu,
  reference: layerReference
}

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

const require = createRequire(import.meta.url)

/** The installed version of an engine's package, or nothing if it is not installed. */
export const engineVersion = (name: EngineName): string | undefined => {
  if (name === "reference") return undefined
  try {
    const manifest: { readonly version?: string } = require(`${enginePackages[name]}/package.json`)
    return manifest.version
  } catch {
    return undefined
  }
}
