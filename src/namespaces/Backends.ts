// Implementations of `TensorBackend`, and how one is chosen: by name, by what is there, or after asking `doctor`.
export { backendNamed as named, backendNames as names } from "../layers/backend/choice/backendNamed.ts"
export { layerAuto as auto } from "../layers/backend/choice/layerAuto.ts"
export {
  layerOnnxRuntime as onnxRuntime,
  layerOnnxRuntimeWith as onnxRuntimeWith
} from "../layers/backend/onnx/onnxRuntime.ts"
export { layerReference as reference } from "../layers/backend/reference.ts"
export {
  layerTfjsCpu as tfjsCpu,
  layerTfjsNode as tfjsNode,
  layerTfjsNodeGpu as tfjsNodeGpu,
  layerTfjsWasm as tfjsWasm
} from "../layers/backend/tfjs/tfjs.ts"
export { doctor } from "../programs/doctor.ts"
export { doctorTable } from "../programs/doctorTable.ts"
