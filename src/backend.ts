// The public entry "fovea/backend": what a `TensorBackend` is made of. "fovea/testing" holds the laws that it keeps.
export { noiseNumbers } from "./domain/random/noiseSource.ts"
export { evaluateNode } from "./domain/tensor/evaluate/evaluate.ts"
export { inputsFirst, useCounts } from "./domain/tensor/order.ts"
export { isUnchanged } from "./domain/tensor/Program.ts"
export { formatShape, sameShape, sizeOf } from "./domain/tensor/Shape.ts"
export type { Node, Primitives } from "./domain/tensor/Tensor.ts"
export type { KernelTime, Profile } from "./layers/backend/Profile.ts"
export { requireMemory } from "./layers/backend/requireMemory.ts"
export type { Executable, StepCall } from "./layers/backend/TensorBackend.ts"
export {
  drawNoise,
  forEachBatch,
  noiseSources,
  nothingRun,
  placeholderNumbers,
  programRoots,
  requireCall,
  requireTensors,
  serialised
} from "./layers/backend/validation.ts"
