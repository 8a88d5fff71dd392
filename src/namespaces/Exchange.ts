// Models for other programs, and parameters from them.

export { exportProgram } from "../programs/exchange/exportProgram.ts"
export { exportModel } from "../programs/exportModel.ts"
export { importParameters } from "../programs/importParameters.ts"
