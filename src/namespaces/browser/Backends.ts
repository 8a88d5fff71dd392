// Implementations of `TensorBackend` for browsers.

export {
  layerOnnxRuntimeWeb as onnxRuntimeWeb,
  type OnnxRuntimeWebOptions,
  type WebProviderName
} from "../../layers/backend/onnx/onnxRuntimeWeb.ts"
export { layerReference as reference } from "../../layers/backend/reference.ts"
