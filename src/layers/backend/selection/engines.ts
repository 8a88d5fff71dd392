import type * as Layer from "effect/Layer"
import { layerOnnxRuntime, layerOnnxRuntimeWith } from "../../onDemand.ts"
import { layerReference } from "../reference.ts"
import type { BackendError, TensorBackend } from "../TensorBackend.ts"
import { layerTfjsCpu, layerTfjsNode, layerTfjsNodeGpu, layerTfjsWasm } from "../tfjs/tfjs.ts"
import type { EngineName } from "./engineNames.ts"

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
