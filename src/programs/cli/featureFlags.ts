import * as Context from "effect/Context"
import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import {
  type ImageLayout,
  imageLayouts,
  numbersOf,
  sizeOfText,
  type ValueRange,
  valueRanges
} from "../../domain/metrics/featureInput.ts"
import { FeatureExtractor } from "../../layers/features/FeatureExtractor.ts"
import { layerOnnxFeatures } from "../../layers/onDemand.ts"
import { filePath } from "./paths.ts"

const parsed = <A>(name: string, parse: (text: string) => A | undefined, expected: string, description: string) =>
  Flag.String(name).pipe(
    Flag.filterMap(
      (text) => Option.fromUndefinedOr(parse(text)),
      () => expected
    ),
    Flag.withDescription(description),
    Flag.optional
  )

/** Flags that name a network of features and say what it wants to be shown. */
export const featureFlags = {
  features: filePath("features").pipe(
    Flag.withDescription("ONNX file of a network whose features distances are taken of, instead of the classifier's"),
    Flag.optional
  ),
  featuresLayout: Flag.Literals("features-layout", imageLayouts).pipe(
    Flag.withDescription("order of its input's axes (default: its metadata's, else by its shape)"),
    Flag.optional
  ),
  featuresSize: parsed(
    "features-size",
    sizeOfText,
    "rows x columns, such as 299x299",
    "rows x columns of its input, 299x299 (default: its metadata's or its shape's, else the images')"
  ),
  featuresRange: Flag.Literals("features-range", valueRanges).pipe(
    Flag.withDescription("what black and white are to it (default: its metadata's, else 0..1; of bytes 0..255)"),
    Flag.optional
  ),
  featuresMean: parsed(
    "features-mean",
    numbersOf,
    "numbers with commas between them",
    "subtracted from these values, one for all channels or one for each: 0.485,0.456,0.406"
  ),
  featuresStd: parsed(
    "features-std",
    numbersOf,
    "numbers with commas between them",
    "what they are divided by then: 0.229,0.224,0.225"
  )
}

/** The values of `featureFlags`. */
export interface FeatureFlags {
  readonly features: Option.Option<string>
  readonly featuresLayout: Option.Option<ImageLayout>
  readonly featuresSize: Option.Option<readonly [number, number]>
  readonly featuresRange: Option.Option<ValueRange>
  readonly featuresMean: Option.Option<ReadonlyArray<number>>
  readonly featuresStd: Option.Option<ReadonlyArray<number>>
}

/** The network of features that was chosen, if one was. */
export class ChosenFeatures extends Context.Service<
  ChosenFeatures,
  { readonly extractor: FeatureExtractor["Service"] | undefined }
>()("fovea/programs/cli/ChosenFeatures") {}

/** The network that flags name. Fails with a `SettingsError` if they say how one is shown images, and name none. */
export const featuresLayer = Effect.fnUntraced(function* (flags: FeatureFlags) {
  const { features, featuresLayout, featuresSize, featuresRange, featuresMean, featuresStd } = flags
  const chosen = Option.isNone(features)
    ? Layer.succeed(ChosenFeatures, { extractor: undefined })
    : Layer.effect(
        ChosenFeatures,
        Effect.map(FeatureExtractor, (extractor) => ({ extractor }))
      ).pipe(
        Layer.provide(
          layerOnnxFeatures({
            file: features.value,
            layout: Option.getOrUndefined(featuresLayout),
            size: Option.getOrUndefined(featuresSize),
            range: Option.getOrUndefined(featuresRange),
            mean: Option.getOrUndefined(featuresMean),
            deviation: Option.getOrUndefined(featuresStd)
          })
        )
      )
  if (Option.isSome(features)) return chosen
  const stray = Object.entries({
    "--features-layout": featuresLayout,
    "--features-size": featuresSize,
    "--features-range": featuresRange,
    "--features-mean": featuresMean,
    "--features-std": featuresStd
  }).find(([, value]) => Option.isSome<unknown>(value))
  if (stray !== undefined) {
    return yield* new SettingsError({ field: stray[0], problem: "goes with --features FILE.onnx, which is missing" })
  }
  return chosen
})
