// Data: named arrays in memory or as streams, in batches, from memory or an address.
export {
  bytes,
  type ExampleArray,
  type Examples,
  examples,
  floats,
  gather,
  imageExamples as images,
  integers,
  labelledExamples as labelledImages,
  oneHot,
  whole,
  windows
} from "../../domain/data/Examples.ts"
export { type GaussianMixture, gaussianMixture } from "../../domain/data/gaussianMixture.ts"
export {
  type Batch,
  type BatchSettings,
  BatchSizeError,
  type BatchSource,
  type SourceIdentity,
  type Streamed,
  shuffled,
  streamed
} from "../../layers/dataset/BatchSource.ts"
export { imagesFrom, labelledImagesFrom, type Split } from "../../layers/dataset/imageSource.ts"
export { npyImagesFrom } from "../../layers/dataset/npyAddress.ts"
