// Implementations of `TrainingLog`; several are joined by `TrainingLog.all`.
export { layerJsonLines as jsonLines } from "../layers/log/jsonLines.ts"
export { readJsonLines } from "../layers/log/readJsonLines.ts"
export { layerSql as sql, readSqlLog as readSql, type SqlLogOptions } from "../layers/log/sql.ts"
export { layerTerminal as terminal } from "../layers/log/terminal.ts"
export { layerTensorBoard as tensorBoard } from "../layers/onDemand.ts"
export { writeCurves } from "../programs/training/writeCurves.ts"
export * from "./browser/Logs.ts"
