// Implementations of `TensorBackend`, and how one is chosen: by name, by what is there, or after asking `doctor`.

export { layerReference as reference } from "../layers/backend/reference.ts"
export { backendNamed as named, backendNames as names } from "../layers/backend/selection/backendNamed.ts"
export { layerAuto as auto } from "../layers/backend/selection/layerAuto.ts"
export {
  layerTfjsCpu as tfjsCpu,
  layerTfjsNode as tfjsNode,
  layerTfjsNodeGpu as tfjsNodeGpu,
  layerTfjsWasm as tfjsWasm
} from "../layers/backend/tfjs/tfjs.ts"
export {
  layerOnnxRuntime as onnxRuntime,
  layerOnnxRuntimeWith as onnxRuntimeWith
} from "../layers/onDemand.ts"
export { doctor } from "../programs/doctor/doctor.ts"
export { doctorTable } from "../programs/doctor/doctorTable.ts"
