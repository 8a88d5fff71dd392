import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import {
  type AdversarialModel,
  Backends,
  Data,
  Dataset,
  Datasets,
  modelOf,
  Optim,
  Program,
  settingsFrom,
  Training,
  TrainingLog
} from "fovea"
import { add, mean, square, subtract, type Tensor } from "fovea/tensor"

// 1. An objective of one's own: least squares (Mao 2017) instead of eq. 9 and 10. D's output is pulled to 1 for real and
// 0 for generated images, G pulls it to 1.
const distance = (outputs: Tensor, target: number): Tensor => mean(square(subtract(outputs, target)))

const leastSquares = ({ generator, discriminator, format }: AdversarialModel, batch: number) => {
  const adam = Optim.adam(5e-4, { beta1: 0.5 })
  return Program.make("least squares", {
    state: { G: Program.learner(generator.parameters, adam), D: Program.learner(discriminator.parameters, adam) },
    inputs: { images: [batch, format.channels, format.height, format.width] },
    step: ({ G, D }, { images }) => {
      const generate = (p: typeof G.parameters) => generator.generate(p, { batch, noise: "z" }).images
      const judge = (p: typeof D.parameters, x: Tensor) => discriminator.logits(p, x, { noise: "D" })
      const d = Program.descend(D, (p) =>
        add(distance(judge(p, images), 1), distance(judge(p, generate(G.parameters)), 0))
      )
      const g = Program.descend(G, (p) => distance(judge(d.next.parameters, generate(p)), 1))
      return { next: { G: g.next, D: d.next }, outputs: { lossOfD: d.loss, lossOfG: g.loss } }
    }
  })
}

// 2. A stream operator of one's own: stop once G's loss has stayed above a bound for some updates.
const stopWhenHopeless =
  (bound: number, patience: number) =>
  <P extends { readonly metrics: { readonly lossOfG: number } }, E, R>(training: Stream.Stream<P, E, R>) =>
    training.pipe(
      Stream.mapAccum(
        () => 0,
        (above, progress: P) => {
          const next = progress.metrics.lossOfG > bound ? above + 1 : 0
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
  const last = yield* Training.run(leastSquares(model, 16), {
    data: Data.shuffled(Data.images(images)),
    seed: 7,
    updates: 60
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
