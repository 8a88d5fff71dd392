// Implementations of `ImageWriter`.
export { layerSharp as sharp } from "../layers/onDemand.ts"
