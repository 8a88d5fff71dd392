/**
 * Where and how finely both players of an attention GAN look and draw, step by step: `node test/bench/windowsByStep.ts --checkpoint
 * runs/modern [--images 1000] [--update U]`.
 *
 * For each step, medians over images (10th and 90th percentile): the window's stride and sigma in pixels, its intensity gamma, and its centre; of the
 * discriminator as it reads real training images, of the generator as it draws. A glimpse is multiplied by its gamma, so that a reader whose gamma
 * falls towards 0 hardly looks any more.
 */
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { windowTable } from "../../src/domain/attention/window.ts"
import {
  attentionDiscriminatorParameters,
  readImages
} from "../../src/domain/model/attention-gan/attentionDiscriminator.ts"
import {
  attentionGeneratorParameters,
  generateImages,
  latentPlanOf
} from "../../src/domain/model/attention-gan/attentionGenerator.ts"
import { drawLatents } from "../../src/domain/model/latentPlan.ts"
import { parameterPlaceholders } from "../../src/domain/nn/parameter.ts"
import { makeProgram } from "../../src/domain/tensor/Program.ts"
import { placeholder } from "../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../src/domain/tensor/Tensor.ts"
import type { TensorData } from "../../src/domain/tensor/TensorData.ts"
import { flattenTree, mapRecord } from "../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../src/layers/backend/TensorBackend.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { chosenCheckpoint, layerChosen } from "../../src/programs/checkpoint/chosenCheckpoint.ts"
import { openCheckpoint } from "../../src/programs/checkpoint/openCheckpoint.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"

const { values: flags } = parseArgs({
  options: {
    checkpoint: { type: "string" },
    images: { type: "string", default: "1000" },
    update: { type: "string" }
  }
})
if (flags.checkpoint === undefined) throw new RangeError("--checkpoint takes the folder of a run")
const path = flags.checkpoint
const wholeNumber = (name: "images" | "update", text: string, least: number): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`--${name} takes a whole number of at least ${least}`)
  return value
}
const count = wholeNumber("images", flags.images, 1)
const update = Option.map(Option.fromUndefinedOr(flags.update), (text) => wholeNumber("update", text, 0))

/** `median (10th percentile-90th)` of a column of a table `[n, 5]`. */
const spread = ({ values }: TensorData, column: number): string => {
  const sorted = Float64Array.from({ length: values.length / 5 }, (_, row) => values[row * 5 + column] ?? 0).toSorted()
  const at = (share: number): string => (sorted[Math.round(share * (sorted.length - 1))] ?? 0).toFixed(2)
  return `${at(0.5)} (${at(0.1)}-${at(0.9)})`
}

const titles = ["stride", "sigma", "gamma", "column", "row"]
const columnsOfTitles = [2, 3, 4, 0, 1]

const bench = Effect.gen(function* () {
  const chosen = yield* chosenCheckpoint({ path, update, epoch: Option.none(), field: "--checkpoint" })
  const opened = yield* openCheckpoint.pipe(Effect.provide(layerChosen(chosen, "stop")))
  const { settings, tensors, seed } = opened
  if (settings.kind !== "attention-gan") throw new RangeError(`${path} holds no attention GAN`)
  const { training } = yield* Dataset
  const { channels, height, width } = training
  const images = placeholder("images", [count, channels, height, width])
  const generator = parameterPlaceholders(attentionGeneratorParameters(settings, training), "generator")
  const discriminator = parameterPlaceholders(attentionDiscriminatorParameters(settings, training), "discriminator")
  const latents = drawLatents("windows/z", latentPlanOf(settings), count, settings.latentSize)
  const drawn = generateImages(generator, settings, training, latents)
  const named = (player: string, tables: ReadonlyArray<Tensor>) =>
    tables.map((table, step) => [`${player} ${step + 1}`, table] as const)
  const read = readImages(discriminator, settings, images).windows.map(windowTable)
  const steps = [...named("D", read), ...named("G", drawn.trajectory?.windows ?? [])]
  const program = makeProgram({
    name: "windows by step",
    state: {},
    inputs: { images, ...flattenTree({ generator, discriminator }, isTensor) },
    next: {},
    outputs: Object.fromEntries(steps)
  })
  const executable = yield* (yield* TensorBackend).compile(program, {})
  const shown = firstImages(training, count)
  const inputs = mapRecord(program.inputs, (_, name) => (name === "images" ? shown : (tensors[name] ?? shown)))
  yield* executable.step({ inputs, noise: { seed, step: 0 } })
  const tables = yield* executable.readOutputs
  yield* Console.log(`${path}, update ${opened.update}, ${count} images\n\n| | ${titles.join(" | ")} |`)
  yield* Console.log(`|---|${titles.map(() => "---|").join("")}`)
  for (const [name, table] of Object.entries(tables)) {
    yield* Console.log(`| ${name} | ${columnsOfTitles.map((column) => spread(table, column)).join(" | ")} |`)
  }
})

NodeRuntime.runMain(
  bench.pipe(
    Effect.scoped,
    Effect.provide(Layer.mergeAll(layerMnist, layerOnnxRuntime).pipe(Layer.provideMerge(NodeServices.layer)))
  )
)
