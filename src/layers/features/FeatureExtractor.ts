import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ImageSet } from "../../domain/data/Images.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"

/** A network that features are taken of cannot be opened, or gives none. `file` is its file. */
export class FeatureError extends Schema.TaggedError<FeatureError>()("FeatureError", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}`
  }
}

/** A network that turns images into features, which distances between sets of images can be taken of. */
export class FeatureExtractor extends Context.Service<
  FeatureExtractor,
  {
    /** The name of its file. */
    readonly name: string
    /** SHA-256 of its file, in hexadecimal: values by networks of different digests do not compare. */
    readonly digest: string
    /** What it is shown, in words: layout, size, values. */
    readonly input: string
    /** Features `[n, d]` of images `[n, channels, B, A]` in [0, 1], n at least 1. */
    readonly extract: (images: TensorData) => Effect.Effect<TensorData, FeatureError>
    /** The same of images as bytes, which never stand in memory as numbers all at once. */
    readonly extractImages: (images: ImageSet) => Effect.Effect<TensorData, FeatureError>
  }
>()("fovea/layers/FeatureExtractor") {}
