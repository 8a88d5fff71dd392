// Training runs as streams of progress, and the operators that make them log, checkpoint and draw.
export { type MeasureOptions, measureProgram as measure } from "../../programs/training/measureProgram.ts"
export {
  type Recipe,
  type RecipeImages,
  type RecipeServices,
  recipe,
  type Trained,
  trainRecipe
} from "../../programs/training/Recipe.ts"
export {
  checkpoints,
  ResumeError,
  type RunOptions,
  resumeProgram as resume,
  runProgram as run
} from "../../programs/training/runProgram.ts"
export { at, checkpointEvery, every, logEvery } from "../../programs/training/Training.ts"
export { initialState, trainModel as model } from "../../programs/training/trainModel.ts"
export { watchCollapse } from "../../programs/training/watchCollapse.ts"
