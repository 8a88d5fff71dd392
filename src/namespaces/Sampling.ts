// Pictures from trained generators.

export { openCheckpoint } from "../programs/checkpoint/openCheckpoint.ts"
export { sampleSheet as sheet } from "../programs/paper/paperFigures.ts"
export { runSampler as run, type SampleOptions } from "../programs/sampling/runSampler.ts"
export { samplePictures as pictures, sampleTrajectories as trajectories } from "../programs/sampling/Sampling.ts"
