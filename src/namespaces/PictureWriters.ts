// Implementations of `Pictures`.
export { layerSharp as sharp } from "../layers/image/sharp.ts"
