// Implementations of `Pictures`.
export { layerSharp as sharp } from "../layers/figure/sharp.ts"
