import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  AdamSettings,
  type AdversarialModel,
  adversarialState,
  Backends,
  Dataset,
  Datasets,
  initialise,
  modelOf,
  optimize,
  type ParameterSpec,
  parameterPlaceholders,
  pixelMarginals,
  settingsFrom,
  Training,
  TrainingLog,
  type TrainingProgress
} from "fovea"
import {
  add,
  chunks,
  concatenate,
  gradient,
  isTensor,
  makeProgram,
  mapLeaves,
  mean,
  placeholder,
  square,
  stopGradient,
  subtract,
  type Tensor,
  type Tree
} from "fovea/tensor"

// 1. An objective of one's own: least squares (Mao 2017) instead of eq. 9 and 10. D's output is pulled to 1 for real and
// 0 for generated pictures, G pulls it to 1.
const distance = (outputs: Tensor, target: number): Tensor => mean(square(subtract(outputs, target)))

const adam = new AdamSettings({ learningRate: 5e-4, beta1: 0.5, beta2: 0.999, epsilon: 1e-8 })
const optimizers = { generatorOptimizer: adam, discriminatorOptimizer: adam }

/** One update of both players: a pure description, made once, run by whatever backend is provided. */
const leastSquaresProgram = <G extends Tree<ParameterSpec>, D extends Tree<ParameterSpec>>(
  model: AdversarialModel<G, D>,
  batch: number
) => {
  const { channels, height, width } = model.format
  const images = placeholder("images", [batch, channels, height, width])
  const specs = adversarialState(model, optimizers)
  const generator = parameterPlaceholders(specs.generator, "generator")
  const discriminator = parameterPlaceholders(specs.discriminator, "discriminator")
  const moments = {
    generator: parameterPlaceholders(specs.optimizer.generator, "optimizer.generator"),
    discriminator: parameterPlaceholders(specs.optimizer.discriminator, "optimizer.discriminator")
  }

  const generated = model.generator.generate(generator, { batch, noise: "both" }).images
  const outputs = model.discriminator.logits(discriminator, concatenate([images, generated], 0), { noise: "D" })
  const [real, shown] = chunks(outputs, 0, 2)
  const lossOfD = add(distance(real, 1), distance(shown, 0))
  const nextD = optimize(adam, discriminator, gradient(lossOfD, discriminator), moments.discriminator)

  const judge = mapLeaves<Tensor, typeof nextD.parameters>(nextD.parameters, isTensor, stopGradient)
  const lossOfG = distance(model.discriminator.logits(judge, generated, { noise: "G" }), 1)
  const nextG = optimize(adam, generator, gradient(lossOfG, generator), moments.generator)

  return makeProgram({
    name: "least squares",
    state: { generator, discriminator, optimizer: moments },
    inputs: { images },
    next: {
      generator: nextG.parameters,
      discriminator: nextD.parameters,
      optimizer: { generator: nextG.state, discriminator: nextD.state }
    },
    outputs: { lossOfD, lossOfG }
  })
}

// 2. A stream operator of one's own: stop once G's loss has stayed above a bound for some updates.
const stopWhenHopeless =
  (bound: number, patience: number) =>
  <E, R>(training: Stream.Stream<TrainingProgress, E, R>): Stream.Stream<TrainingProgress, E, R> =>
    training.pipe(
      Stream.mapAccum(
        () => 0,
        (above, progress) => {
          const next = (progress.metrics["lossOfG"] ?? 0) > bound ? above + 1 : 0
          return [next, [{ progress, hopeless: next >= patience }]] as const
        }
      ),
      Stream.takeUntil(({ hopeless }) => hopeless),
      Stream.map(({ progress }) => progress)
    )

// 3. Logging of one's own: a layer in place of the terminal.
const consoleLog = Layer.succeed(TrainingLog, {
  record: (event) =>
    Effect.sync(() => {
      if (event._tag === "Progress") console.log(`update ${event.update}`, event.metrics)
    })
})

const training = Effect.gen(function* () {
  const settings = yield* Effect.fromResult(
    settingsFrom("paper", [{ model: { filters: 3, glimpses: 3, units: 16, latentSize: 8 } }])
  )
  const { training: images } = yield* Dataset
  const model = modelOf(settings.model, images)
  if (model.objective !== "adversarial") return yield* Effect.die(`${model.name} has no discriminator`)
  const last = yield* Training.steps({
    program: leastSquaresProgram(model, 16),
    start: { update: 0, state: initialise(adversarialState(model, optimizers), 7, pixelMarginals(images, 7)) },
    images,
    batchSize: 16,
    seed: 7,
    totalUpdates: 60
  }).pipe(Training.logEvery(20), stopWhenHopeless(10, 5), Stream.runLast)
  const { update, metrics } = yield* Effect.fromOption(last)
  console.log(`ended at update ${update}`, metrics)
})

const layers = Layer.mergeAll(
  Backends.onnxRuntime,
  Datasets.synthetic({ count: 240, height: 12, width: 10, channels: 1, seed: 7 }),
  consoleLog
)
await Effect.runPromise(training.pipe(Effect.provide(layers)))
