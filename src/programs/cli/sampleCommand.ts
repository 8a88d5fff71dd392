import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { encodeNpy } from "../../domain/dataset/npy.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { Pictures } from "../../layers/figure/Pictures.ts"
import { layerSharp } from "../../layers/figure/sharp.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../chosenCheckpoint.ts"
import { openCheckpoint } from "../openCheckpoint.ts"
import { sampleSheet } from "../paperFigures.ts"
import { samplePictures } from "../Sampling.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { checkpointHelp, choiceFlags } from "./checkpointFlags.ts"
import { wholeNumber } from "./flags.ts"
import { filePath } from "./paths.ts"
import { asUserError, UsageError } from "./userError.ts"

const mostPictures = 1_000_000

/** `fovea sample`: pictures from a checkpoint. */
export const sampleCommand = Command.make(
  "sample",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp)),
    count: wholeNumber("count", 1, mostPictures).pipe(
      Flag.withDescription("how many pictures (default: 100)"),
      Flag.withDefault(100)
    ),
    seed: wholeNumber("seed", 0).pipe(Flag.withDescription("seed of the latents (default: the run's)"), Flag.optional),
    out: filePath("out").pipe(
      Flag.withDescription(
        "FILE.png: one sheet; FILE.npy: float32 in [0, 1], [N, rows, columns] or [N, channels, rows, columns]"
      )
    ),
    ...choiceFlags,
    backend: backendFlag
  },
  ({ checkpoint: path, update, epoch, count, seed, out, onDamage, backend }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const engine = yield* backendOf(backend)
      const format = yield* formatOf(out)
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      yield* Effect.gen(function* () {
        const { model, tensors, seed: runSeed } = yield* openCheckpoint
        const images = yield* samplePictures(model, tensors, { count, seed: Option.getOrElse(seed, () => runSeed) })
        yield* format === "npy"
          ? writeFileAtomically(out, encodeNpy(withoutGreyChannel(images)))
          : Effect.flatMap(Pictures, ({ writePng }) => writePng(out, sampleSheet(images)))
      }).pipe(Effect.provide(Layer.mergeAll(engine, layerChosen(chosen, onDamage), layerSharp)))
    }).pipe(asUserError)
).pipe(Command.withDescription("Draw pictures from a trained generator."))

const formatOf = (out: string): Effect.Effect<"png" | "npy", UsageError> => {
  const format = (["png", "npy"] as const).find((ending) => out.toLowerCase().endsWith(`.${ending}`))
  return format === undefined
    ? Effect.fail(new UsageError({ flag: "--out", problem: `expected a file name ending in .png or .npy, not ${out}` }))
    : Effect.succeed(format)
}

/** `[N, 1, B, A]` as `[N, B, A]`. */
const withoutGreyChannel = (images: TensorData): TensorData =>
  images.shape[1] === 1 ? { shape: images.shape.toSpliced(1, 1), values: images.values } : images
