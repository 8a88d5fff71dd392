// Implementations of `TrainingLog` that need neither files nor a terminal.

export { layerOpenTelemetry as openTelemetry } from "../../layers/log/openTelemetry.ts"
export { layerMemory as memory, layerSilent as silent } from "../../layers/log/TrainingLog.ts"
