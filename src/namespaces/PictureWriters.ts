// Implementations of `ImageWriter`.
export { layerSharp as sharp } from "../layers/image/sharp.ts"
