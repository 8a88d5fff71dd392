/**
 * What happens when a training of the attention GAN collapses, measured as it trains on MNIST:
 *   node test/bench/collapse.ts [--preset zero-canvas] [--seed 0] [--updates 1500] [--every 50] [--shards 1]
 *
 * Gradients are of any norm: a limit would hide what is looked at. Before the first update and after every so many, both players are given one batch, always the same latents and the same real images,
 * and a line of a table tells:
 *
 * - `real`, `fake`: D's mean logit; `apart`: the standard deviation of its logits among G's images;
 * - `slope`: how strongly D tells G which way to go, the mean norm of `d loss / d image` at G's images, and `of l`, the same
 *   of the logit alone: where the first is small and the second is not, D is too sure; where both are, it does not look;
 * - `to G`: the norm of the gradient of G's loss by all of G's parameters, which is what is left of the slope on its way back through G;
 * - `grey`: the share of pixels in G's images that are between 0.001 and 0.999: the others' sigmoid is as good as flat;
 * - `variety`: G's `relativeDiversity`, 0 where all images are one;
 * - `G sat.`, `D sat.`: the share of hidden units, over all steps, beyond 0.99 in size;
 * - of the windows, over all steps, geometric means of sigma and stride in pixels and of gamma: G's, then D's.
 */
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type AttentionWindow, windowTable } from "../../src/domain/attention/window.ts"
import { presetNames, settingsFrom } from "../../src/domain/experiment/presets.ts"
import { relativeDiversity } from "../../src/domain/metrics/collapse.ts"
import type { AttentionGanSettings } from "../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import {
  attentionDiscriminatorParameters,
  readImages
} from "../../src/domain/model/attention-gan/attentionDiscriminator.ts"
import {
  attentionGeneratorParameters,
  generateImages,
  latentPlanOf
} from "../../src/domain/model/attention-gan/attentionGenerator.ts"
import type { ImageFormat } from "../../src/domain/model/GenerativeModel.ts"
import { drawLatents } from "../../src/domain/model/latentPlan.ts"
import { modelOf } from "../../src/domain/model/modelOf.ts"
import { parameterPlaceholders } from "../../src/domain/nn/parameter.ts"
import { addAll, divide, multiply, square, subtract } from "../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../src/domain/tensor/broadcast.ts"
import { abs, greater, less } from "../../src/domain/tensor/comparison.ts"
import { exp, log, softplus, sqrt } from "../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../src/domain/tensor/gradient.ts"
import { sliceAxis } from "../../src/domain/tensor/movement.ts"
import { makeProgram } from "../../src/domain/tensor/Program.ts"
import { mean } from "../../src/domain/tensor/reduction.ts"
import { placeholder } from "../../src/domain/tensor/source.ts"
import { isTensor, type Tensor } from "../../src/domain/tensor/Tensor.ts"
import { flattenTree, mapRecord } from "../../src/domain/tensor/Tree.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../src/layers/backend/TensorBackend.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"
import { initialState, trainModel } from "../../src/programs/training/trainModel.ts"
import { unclipped } from "../support/unclipped.ts"

const { values: flags } = parseArgs({
  options: {
    preset: { type: "string", default: "zero-canvas" },
    seed: { type: "string", default: "0" },
    updates: { type: "string", default: "1500" },
    every: { type: "string", default: "50" },
    shards: { type: "string", default: "1" }
  }
})
const preset = presetNames.find((name) => name === flags.preset)
if (preset === undefined) throw new RangeError(`--preset takes one of ${presetNames.join(", ")}`)
const wholeNumber = (name: "seed" | "updates" | "every" | "shards", least: number): number => {
  const value = Number(flags[name])
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`--${name} must be at least ${least}`)
  return value
}
const [seed, updates] = [wholeNumber("seed", 0), wholeNumber("updates", 1)]
const [every, shards] = [wholeNumber("every", 1), wholeNumber("shards", 1)]

/** Images of each kind that are looked at. */
const batch = 100

/** Mean over examples of a gradient's norm, `[n, channels, B, A]`. */
const meanNorm = (slopes: Tensor): Tensor => mean(sqrt(sum(square(slopes), [1, 2, 3])))

/** Share of hidden units beyond 0.99, over all steps. */
const saturation = (states: ReadonlyArray<Tensor>): Tensor => meanOf(states, (h) => mean(greater(abs(h), 0.99)))

const meanOf = <A>(steps: ReadonlyArray<A>, of: (step: A) => Tensor): Tensor =>
  divide(addAll(steps.map(of)), steps.length)

/** Geometric means over images and steps, from tables `[n, 5]`. */
const windowMeans = (tables: ReadonlyArray<Tensor>) => {
  const column = (index: number): Tensor => exp(meanOf(tables, (table) => mean(log(sliceAxis(table, 1, index, 1)))))
  return { stride: column(2), sigma: column(3), gamma: column(4) }
}

/** What is measured of both players, as a program: inputs their parameters and real images. */
const measuresProgram = (settings: AttentionGanSettings, format: ImageFormat) => {
  const { channels, height, width } = format
  const images = placeholder("images", [batch, channels, height, width])
  const generator = parameterPlaceholders(attentionGeneratorParameters(settings, format), "generator")
  const discriminator = parameterPlaceholders(attentionDiscriminatorParameters(settings, format), "discriminator")
  const latents = drawLatents("collapse/z", latentPlanOf(settings), batch, settings.latentSize)
  const drawn = generateImages(generator, settings, format, latents)
  const real = readImages(discriminator, settings, images)
  const fake = readImages(discriminator, settings, drawn.images)
  const fakeLoss = mean(softplus(subtract(0, fake.logits)))
  const gradientsOfG = Object.values(flattenTree(gradient(fakeLoss, generator), isTensor))
  const slopesOf = (value: Tensor): Tensor => meanNorm(gradient(value, { generated: drawn.images }).generated)
  const [ofG, ofD] = [
    windowMeans(drawn.trajectory?.windows ?? []),
    windowMeans(fake.windows.map((window: AttentionWindow) => windowTable(window)))
  ]
  return makeProgram({
    name: "collapse",
    state: {},
    inputs: { images, ...flattenTree({ generator, discriminator }, isTensor) },
    next: {},
    outputs: {
      generated: drawn.images,
      real: mean(real.logits),
      fake: mean(fake.logits),
      apart: sqrt(mean(square(subtract(fake.logits, mean(fake.logits))))),
      // Of each image's own loss: G's is their mean.
      slope: slopesOf(multiply(fakeLoss, batch)),
      ofLogit: slopesOf(sum(fake.logits)),
      toG: sqrt(addAll(gradientsOfG.map((slopes) => sum(square(slopes))))),
      grey: mean(multiply(greater(drawn.images, 0.001), less(drawn.images, 0.999))),
      saturationG: saturation(drawn.states),
      saturationD: saturation(fake.states),
      sigmaG: ofG.sigma,
      strideG: ofG.stride,
      gammaG: ofG.gamma,
      sigmaD: ofD.sigma,
      strideD: ofD.stride,
      gammaD: ofD.gamma
    }
  })
}

const columns = [
  "update",
  "real",
  "fake",
  "apart",
  "slope",
  "of l",
  "to G",
  "grey",
  "variety",
  "G sat.",
  "D sat.",
  "G sigma",
  "stride",
  "gamma",
  "D sigma",
  "stride",
  "gamma"
]

const inTable = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const shown = (value: number): string =>
  Math.abs(value) >= 0.01 || value === 0 ? value.toFixed(2) : value.toExponential(0)

const bench = Effect.gen(function* () {
  const { model: settings, training } = yield* Effect.fromResult(settingsFrom(preset, [unclipped]))
  if (settings.kind !== "attention-gan") throw new RangeError(`${preset} is not an attention GAN`)
  const { training: set } = yield* Dataset
  const model = modelOf(settings, set)
  const program = measuresProgram(settings, set)
  const executable = yield* (yield* TensorBackend).compile(program, {})
  const images = firstImages(set, batch)
  const look = Effect.fnUntraced(function* (update: number, tensors: Readonly<Record<string, typeof images>>) {
    const inputs = mapRecord(program.inputs, (_, name) => (name === "images" ? images : (tensors[name] ?? images)))
    yield* executable.step({ inputs, noise: { seed, step: 0 } })
    const { generated, ...numbers } = yield* executable.readOutputs
    const variety = yield* Effect.fromResult(relativeDiversity(generated, images))
    const at = (name: keyof typeof numbers): string => shown(numbers[name].values[0] ?? Number.NaN)
    const before = [
      at("real"),
      at("fake"),
      at("apart"),
      at("slope"),
      at("ofLogit"),
      at("toG"),
      at("grey"),
      shown(variety)
    ]
    const windows = [at("sigmaG"), at("strideG"), at("gammaG"), at("sigmaD"), at("strideD"), at("gammaD")]
    yield* Console.log(inTable([String(update), ...before, at("saturationG"), at("saturationD"), ...windows]))
  })
  yield* Console.log(`${preset}, seed ${seed}\n\n${inTable(columns)}\n${inTable(columns.map(() => "---"))}`)
  const options = { ...training, seed, updates, shards }
  yield* look(0, yield* initialState(model, options))
  yield* trainModel(model, options).pipe(
    Stream.runForEach(({ update, state }) =>
      update % every === 0 || update === updates
        ? Effect.flatMap(state, ({ tensors }) => look(update, tensors))
        : Effect.void
    )
  )
}).pipe(
  Effect.scoped,
  Effect.provide(Layer.mergeAll(layerMnist, layerOnnxRuntime).pipe(Layer.provide(NodeServices.layer)))
)

NodeRuntime.runMain(bench)
