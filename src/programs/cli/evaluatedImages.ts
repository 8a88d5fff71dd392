import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import type { ImageFormat } from "../../domain/model/GenerativeModel.ts"
import { formatShape, sameShape } from "../../domain/tensor/Shape.ts"
import { tensorData } from "../../domain/tensor/TensorData.ts"
import type { OnDamage } from "../../layers/checkpoint/newest.ts"
import { readSamples } from "../../layers/samples/readSamples.ts"
import { type ChosenCheckpoint, chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { openCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { sampleImages, withinUnit } from "../sampling/Sampling.ts"
import type { ChoiceFlags } from "./checkpointFlags.ts"
import { type ModuleSampling, sampleModule } from "./moduleCheckpoint.ts"
import { onlyModules } from "./samplerInputs.ts"
import { UsageError } from "./userError.ts"

/** The values of the flags that say which images to measure. */
export interface ImageFlags extends ChoiceFlags {
  readonly checkpoint: Option.Option<string>
  readonly samples: Option.Option<string>
  readonly count: Option.Option<number>
  readonly seed: Option.Option<number>
  readonly module: Option.Option<string>
  readonly input: Option.Option<Readonly<Record<string, string>>>
  readonly onDamage: OnDamage
}

/** Where images come from: files, or a generator. */
export type ImageSource =
  | { readonly kind: "files"; readonly path: string }
  | {
      readonly kind: "generator"
      /** The checkpoint as it was named, and what was found by that name. */
      readonly path: string
      readonly chosen: ChosenCheckpoint
      readonly count: number
      /** None: the run's own. */
      readonly seed: Option.Option<number>
      /** The module whose training made it; none: a bundled system. */
      readonly module: Option.Option<string>
      readonly input: ModuleSampling["input"]
      readonly onDamage: OnDamage
    }

/** Images drawn if `--count` does not say. */
export const usualCount = 10_000

/** What flags ask for, before anything is read. Fails with a `UsageError` for too many flags or too few, and as `chosenCheckpoint` does. */
export const imageSource = Effect.fnUntraced(function* ({
  checkpoint,
  samples,
  count,
  seed,
  update,
  epoch,
  module,
  input,
  onDamage
}: ImageFlags) {
  const failed = (flag: string, problem: string) => new UsageError({ flag, problem })
  if (Option.isSome(samples)) {
    if (Option.isSome(checkpoint)) return yield* failed("--checkpoint", "contradicts --samples: give one of the two")
    const excess = Object.entries<Option.Option<unknown>>({ count, seed, update, epoch, module, input }).find(
      ([, value]) => Option.isSome(value)
    )
    if (excess !== undefined) {
      return yield* failed(`--${excess[0]}`, "goes with --checkpoint; of --samples all are measured")
    }
    const source: ImageSource = { kind: "files", path: samples.value }
    return source
  }
  if (Option.isNone(checkpoint)) {
    return yield* failed("--checkpoint", "is missing: give --checkpoint RUN, or --samples with a folder or a .npy file")
  }
  if (Option.isSome(input) && Option.isNone(module)) return yield* failed("--input", onlyModules)
  const wanted = Option.getOrElse(count, () => usualCount)
  const path = checkpoint.value
  const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
  const source: ImageSource = { kind: "generator", path, chosen, count: wanted, seed, module, input, onDamage }
  return source
})

/**
 * The images `[n, channels, B, A]`, where they come from in words, and, of a generator, the checkpoint and the seed. Fails as `readSamples` and `openCheckpoint` do,
 * with a `SettingsError` if the checkpoint's model draws images of another format.
 */
export const evaluatedImages = Effect.fnUntraced(function* (source: ImageSource, format: ImageFormat) {
  if (source.kind === "files") {
    const images = yield* readSamples(source.path, format)
    return { images, source: source.path, drawnFrom: undefined }
  }
  const { path, chosen, count, onDamage } = source
  if (Option.isSome(source.module)) {
    const drawn = yield* sampleModule(source.module.value, source).pipe(Effect.provide(layerChosen(chosen, onDamage)))
    const { samples, update, seed } = drawn
    const [, ...image] = samples.shape
    if (!sameShape(image, [format.channels, format.height, format.width])) {
      const problem = `the samples of ${source.module.value} are ${formatShape(samples.shape)}, but the data set holds ${sizeText(format)}`
      return yield* new SettingsError({ field: "--module", problem })
    }
    const images = tensorData(samples.shape, samples.values.map(withinUnit))
    return { images, source: `${path}, update ${update}, random numbers of seed ${seed}`, drawnFrom: undefined }
  }
  const opened = yield* openCheckpoint.pipe(
    Effect.provide(layerChosen(chosen, onDamage)),
    // A checkpoint of a classifier, say: sound, but its settings are of another kind.
    Effect.catchTag("SettingsError", ({ message }) => {
      const problem = `the checkpoint in ${path} is not of a generator that this version knows (${message})`
      return Effect.fail(new SettingsError({ field: "--checkpoint", problem }))
    })
  )
  const [own, data] = [sizeText(opened.model.format), sizeText(format)]
  if (own !== data) {
    const problem = `the model in ${path} draws ${own}, but those of the data set are ${data}: name the model's data by --dataset`
    return yield* new SettingsError({ field: "--checkpoint", problem })
  }
  const seed = Option.getOrElse(source.seed, () => opened.seed)
  const images = yield* sampleImages(opened.model, opened.tensors, { count, seed })
  return {
    images,
    source: `${path}, update ${opened.update}, latents of seed ${seed}`,
    drawnFrom: { ...opened, seed }
  }
})

const sizeText = ({ channels, height, width }: ImageFormat): string =>
  `images of ${height} rows, ${width} columns and ${channels} ${channels === 1 ? "channel" : "channels"}`
