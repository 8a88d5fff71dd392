// Optimizers: gradient transformations that chain, and schedules.
export { freeze, masked, multiSteps, type Paths, partition } from "../domain/optim/combine.ts"
export {
  chain,
  leafAt,
  type NamedSpecs,
  type Optimizer,
  type OptimizerStep,
  stateless,
  zerosLike
} from "../domain/optim/Optimizer.ts"
export { adam, adamw, lion, momentum, nesterov, rmsprop, sgd } from "../domain/optim/optimizers.ts"
export {
  cosine,
  exponential,
  joined,
  linear,
  piecewise,
  type Schedule,
  type ScheduleFunction,
  valueAt,
  warmup,
  warmupCosine
} from "../domain/optim/schedule.ts"
export {
  type AdamOptions,
  addDecayedWeights,
  ascend,
  clip,
  clipByGlobalNorm,
  globalNorm,
  maxColumnNorm,
  scaleByAdam,
  scaleByLearningRate,
  scaleByLion,
  scaleByRms,
  scaleBySchedule,
  trace
} from "../domain/optim/transforms.ts"
