import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { encodeNpy } from "../../domain/data/npy.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import { formatShape } from "../../domain/tensor/Shape.ts"
import type { TensorData } from "../../domain/tensor/TensorData.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { ImageWriter } from "../../layers/image/ImageWriter.ts"
import { layerSharp } from "../../layers/onDemand.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { chosenCheckpoint, layerChosen } from "../checkpoint/chosenCheckpoint.ts"
import { type OpenCheckpoint, openCheckpoint } from "../checkpoint/openCheckpoint.ts"
import { writeSteps, writeStepsAnimation } from "../paper/probeFigures.ts"
import { sampleImages } from "../sampling/Sampling.ts"
import { sampleGrid } from "../sampling/writeSamples.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { checkpointHelp, choiceFlags, moduleFlag } from "./checkpointFlags.ts"
import { announce, jsonFlag, printReport, wholeNumber } from "./flags.ts"
import { type ModuleSampling, sampleModule } from "./moduleCheckpoint.ts"
import { filePath } from "./paths.ts"
import { inputFlag, onlyModules } from "./samplerInputs.ts"
import { asUserError, UsageError } from "./userError.ts"

const mostImages = 1_000_000

/** As many rows of a figure, or images side by side. */
const mostFollowed = 100

const formats = ["png", "webp", "npy"] as const
type Format = (typeof formats)[number]

/** `fovea sample`: images from a checkpoint. */
export const sampleCommand = Command.make(
  "sample",
  {
    checkpoint: filePath("checkpoint").pipe(Flag.withDescription(checkpointHelp)),
    count: wholeNumber("count", 1, mostImages).pipe(
      Flag.withDescription("how many images (default: 100; with --steps 10)"),
      Flag.optional
    ),
    seed: wholeNumber("seed", 0).pipe(Flag.withDescription("seed of the latents (default: the run's)"), Flag.optional),
    steps: Flag.Boolean("steps").pipe(
      Flag.withDescription("how they are drawn, window by window: a row for each as .png, an animation as .webp"),
      Flag.withDefault(false)
    ),
    out: filePath("out").pipe(
      Flag.withDescription(
        "FILE.png, FILE.webp: one sheet; FILE.npy: float32 in [0, 1], [N, rows, columns] or [N, channels, rows, columns]"
      )
    ),
    format: Flag.Literals("format", formats).pipe(
      Flag.withDescription("what to write, whatever the name of --out ends in (default: by its ending)"),
      Flag.optional
    ),
    json: jsonFlag,
    module: moduleFlag,
    input: inputFlag,
    ...choiceFlags,
    backend: backendFlag
  },
  ({ checkpoint: path, update, epoch, count, seed: askedSeed, steps, out, format: asked, module, input, ...rest }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const { json, onDamage, backend } = rest
      const engine = yield* backendOf(backend)
      const format = yield* formatOf(out, asked)
      if (steps && format === "npy") {
        return yield* new UsageError({ flag: "--steps", problem: "goes with .png or .webp, not with numbers (.npy)" })
      }
      const wanted = Option.getOrElse(count, () => (steps ? 10 : 100))
      if (steps && wanted > mostFollowed) {
        return yield* new UsageError({
          flag: "--count",
          problem: `with --steps at most ${mostFollowed}, not ${wanted}`
        })
      }
      if (Option.isSome(input) && Option.isNone(module)) {
        return yield* new UsageError({ flag: "--input", problem: onlyModules })
      }
      const chosen = yield* chosenCheckpoint({ path, update, epoch, field: "--checkpoint" })
      yield* announce(json, `Opening ${path} to draw ${imagesOf(wanted)}`)
      const layers = Layer.mergeAll(engine, layerChosen(chosen, onDamage), layerSharp)
      if (Option.isSome(module)) {
        if (steps) return yield* new UsageError({ flag: "--steps", problem: "goes with the bundled systems" })
        const made = sampleOfModule(module.value, { count: wanted, seed: askedSeed, input }, out, format)
        return yield* Effect.flatMap(Effect.provide(made, layers), (report) =>
          printReport(
            json,
            report,
            terminalTable([`${report.path}: ${report.count} samples of update ${report.update}`])
          )
        )
      }
      const report = yield* Effect.gen(function* () {
        const opened = yield* openCheckpoint
        const seed = Option.getOrElse(askedSeed, () => opened.seed)
        yield* steps
          ? drawSteps({ ...opened, seed }, wanted, out, format)
          : draw({ ...opened, seed }, wanted, out, format)
        const { size } = yield* (yield* FileSystem.FileSystem).stat(out)
        const { height, width, channels } = opened.model.format
        return {
          path: out,
          format,
          bytes: Number(size),
          count: wanted,
          height,
          width,
          channels,
          steps,
          update: opened.update,
          seed
        }
      }).pipe(Effect.provide(layers))
      yield* printReport(json, report, terminalTable([lineOf(report)]))
    }).pipe(asUserError)
).pipe(Command.withDescription("Draw images from a trained generator."))

/** Images as a sheet or as numbers. */
const draw = Effect.fnUntraced(function* (
  { model, tensors, seed }: OpenCheckpoint,
  count: number,
  out: string,
  format: Format
) {
  yield* writeImages(yield* sampleImages(model, tensors, { count, seed }), out, format)
})

/** Samples of a module's sampler. */
const sampleOfModule = Effect.fnUntraced(function* (
  module: string,
  options: ModuleSampling,
  out: string,
  format: Format
) {
  const { samples, isImages, update, seed } = yield* sampleModule(module, options)
  if (!isImages && format !== "npy") {
    const problem = `the samples of ${module} are ${formatShape(samples.shape)}, no images: write them as .npy`
    return yield* new UsageError({ flag: "--out", problem })
  }
  yield* writeImages(samples, out, format)
  return { path: out, format, count: options.count, update, seed }
})

const writeImages = Effect.fnUntraced(function* (images: TensorData, out: string, format: Format) {
  if (format === "npy") return yield* writeFileAtomically(out, encodeNpy(withoutGreyChannel(images)))
  const { writePng, writeAnimation } = yield* ImageWriter
  const raster = sampleGrid(images)
  return yield* format === "png"
    ? writePng(out, raster)
    : // One frame is no animation: an image.
      writeAnimation(out, { frames: [{ raster, texts: [], milliseconds: 0 }] })
})

/** How images came about. */
const drawSteps = Effect.fnUntraced(function* (
  { model, settings, tensors, seed }: OpenCheckpoint,
  count: number,
  out: string,
  format: Format
) {
  if (writeFiltersOf(settings) === undefined) {
    const problem = `the model ${model.name} does not draw through a window, step by step`
    return yield* new UsageError({ flag: "--steps", problem })
  }
  const trained = { settings, format: model.format, tensors, seed }
  return yield* format === "png"
    ? writeSteps(trained, out, { count, title: "Images step by step" })
    : writeStepsAnimation(trained, out, count)
})

interface SampleReport {
  readonly path: string
  readonly bytes: number
  readonly count: number
  readonly height: number
  readonly width: number
  readonly steps: boolean
  readonly update: number
  readonly seed: number
}

const imagesOf = (count: number): string => (count === 1 ? "1 image" : `${count} images`)

/** What was written, in a line. */
const lineOf = ({ path, bytes, count, height, width, steps, update, seed }: SampleReport): string => {
  const images = `${imagesOf(count)} of ${height} x ${width}`
  const size = `${bytes.toLocaleString("en-US")} bytes`
  return `${path}: ${images}${steps ? ", step by step" : ""}; update ${update}, latents of seed ${seed}; ${size}`
}

const formatOf = (out: string, asked: Option.Option<Format>): Effect.Effect<Format, UsageError> => {
  if (Option.isSome(asked)) return Effect.succeed(asked.value)
  const format = formats.find((ending) => out.toLowerCase().endsWith(`.${ending}`))
  const problem = `expected a file name ending in .png, .webp or .npy, not ${out}; or say which by --format`
  return format === undefined ? Effect.fail(new UsageError({ flag: "--out", problem })) : Effect.succeed(format)
}

/** `[N, 1, B, A]` as `[N, B, A]`. */
const withoutGreyChannel = (images: TensorData): TensorData =>
  images.shape[1] === 1 ? { shape: images.shape.toSpliced(1, 1), values: images.values } : images
