// Models for other programs, and parameters from them.
export { exportModel } from "../programs/exportModel.ts"
export { importParameters } from "../programs/importParameters.ts"
