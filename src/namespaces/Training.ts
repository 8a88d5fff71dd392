// Training runs as streams of progress, and the operators that make them log, checkpoint and draw.
export { at, checkpointEvery, every, logEvery } from "../programs/Training.ts"
export { type Recipe, type RecipeServices, recipe, type Trained, trainRecipe } from "../programs/training/Recipe.ts"
export {
  checkpoints,
  ResumeError,
  type RunOptions,
  resumeProgram as resume,
  runProgram as run
} from "../programs/training/runProgram.ts"
export { initialState, trainModel as model } from "../programs/trainModel.ts"
export { watchCollapse } from "../programs/watchCollapse.ts"
export { watchNumbers } from "../programs/watchNumbers.ts"
