// Implementations of `TrainingLog`; several are joined by `TrainingLog.all`.
export { layerJsonLines as jsonLines } from "../layers/log/jsonLines.ts"
export { layerMemory as memory } from "../layers/log/memory.ts"
export { layerOpenTelemetry as openTelemetry } from "../layers/log/openTelemetry.ts"
export { readJsonLines } from "../layers/log/readJsonLines.ts"
export { layerSilent as silent } from "../layers/log/silent.ts"
export { layerTerminal as terminal } from "../layers/log/terminal.ts"
export { layerTensorBoard as tensorBoard } from "../layers/onDemand.ts"
export { writeCurves } from "../programs/training/writeCurves.ts"
