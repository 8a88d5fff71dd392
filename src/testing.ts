// The public entry "fovea/testing": the laws of `TensorBackend`, for whoever writes one. Needs the package fast-check.
export {
  type ConformanceOptions,
  type ConformanceReport,
  checkConformance,
  conformance,
  formatReport
} from "./testing/conformance.ts"
export { ConformanceError, type Law, type LawGroup } from "./testing/Law.ts"
export type { NotFiniteDeviations, NumberKind } from "./testing/notFiniteLaws.ts"
export { type Domain, type DrawnOperand, operand } from "./testing/operands.ts"
export { type PrimitiveCase, primitiveCases } from "./testing/primitiveCases.ts"
export { type RandomExpressions, randomExpressions } from "./testing/randomExpressions.ts"
export { type RandomProgram, randomPrograms } from "./testing/randomPrograms.ts"
export {
  anyShape,
  shapeAndAxes,
  shapeAndAxis,
  shapeOfRank,
  stretchableShapes,
  stretchableTo
} from "./testing/shapes.ts"
export {
  float32Drift,
  float32Tolerances,
  float32Unit,
  float32UpdateDrift,
  noTolerance,
  type Tolerances
} from "./testing/tolerances.ts"
