// Implementations of `TrainingLog` that need neither files nor a terminal.
export { layerMemory as memory } from "../../layers/log/memory.ts"
export { layerOpenTelemetry as openTelemetry } from "../../layers/log/openTelemetry.ts"
export { layerSilent as silent } from "../../layers/log/silent.ts"
