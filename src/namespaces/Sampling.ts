// Images from trained generators.

export { openCheckpoint } from "../programs/checkpoint/openCheckpoint.ts"
export { runSampler as run, type SampleOptions } from "../programs/sampling/runSampler.ts"
export { sampleImages as images, sampleTrajectories as trajectories } from "../programs/sampling/Sampling.ts"
export { sampleGrid as grid, writeSampleGrid as writeGrid } from "../programs/sampling/sampleGrid.ts"
