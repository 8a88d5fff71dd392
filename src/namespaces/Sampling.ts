// Pictures from trained generators.

export { openCheckpoint } from "../programs/openCheckpoint.ts"
export { sampleSheet as sheet } from "../programs/paperFigures.ts"
export { samplePictures as pictures, sampleTrajectories as trajectories } from "../programs/Sampling.ts"
export { runSampler as run, type SampleOptions } from "../programs/sampling/runSampler.ts"
