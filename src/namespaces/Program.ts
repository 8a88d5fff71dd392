// Programs made from functions, and what their states are made of.

export { type ExplainedPrimitive, type Explanation, explain, type PrimitivesCost } from "../domain/explain/explain.ts"
export { buffer } from "../domain/nn/parameter.ts"
export { counter } from "../domain/optim/Optimizer.ts"
export { type BoundEma, type Ema, ema, follow } from "../domain/program/ema.ts"
export type { Key, PartOfExamples } from "../domain/program/Key.ts"
export {
  type BoundLearner,
  type Descent,
  descend,
  type Learner,
  learner,
  withBuffers
} from "../domain/program/Learner.ts"
export { type Definition, initialState, make, type Program, type Step } from "../domain/program/Program.ts"
export { sampler } from "../domain/program/sampler.ts"
export { type Bound, type BoundState, onlyParameters, type State, type Stateful } from "../domain/program/state.ts"
export { partOf, together } from "../domain/program/together.ts"
