// Images from trained generators.

export { openCheckpoint } from "../programs/checkpoint/openCheckpoint.ts"
export { runSampler as run, type SampleOptions } from "../programs/sampling/runSampler.ts"
export { sampleImages as images, sampleTrajectories as trajectories } from "../programs/sampling/Sampling.ts"
export {
  sampleGrid as grid,
  showGrid,
  writeSampleGrid as writeGrid,
  writeScatter
} from "../programs/sampling/writeSamples.ts"
