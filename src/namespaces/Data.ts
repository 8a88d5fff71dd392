// Data: named arrays in memory or as streams, in batches.
export { textFrom } from "../layers/dataset/textSource.ts"
export * from "./browser/Data.ts"
