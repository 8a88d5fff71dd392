// Training runs as streams of progress, and the operators that make them log, checkpoint and draw.
export { watchNumbers } from "../programs/training/watchNumbers.ts"
export * from "./browser/Training.ts"
