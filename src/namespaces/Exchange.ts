// Models for other programs, and parameters from them.

export { exportModel } from "../programs/exchange/exportModel.ts"
export { exportPage, exportSamplerPage } from "../programs/exchange/exportPage.ts"
export { exportProgram } from "../programs/exchange/exportProgram.ts"
export { importParameters } from "../programs/exchange/importParameters.ts"
