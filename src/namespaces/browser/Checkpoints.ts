// Checkpoints in memory.
export { layerMemory as memory } from "../../layers/checkpoint/memory.ts"
