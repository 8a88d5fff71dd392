// A classifier of digits, by a cosine schedule and smoothed labels; then its first layers, frozen, are carried to clothes.
// Fashion-MNIST's four files are looked for in data/fashion-mnist.
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  accuracy,
  crossEntropy,
  Data,
  Datasets,
  initialisedBy,
  linear,
  linearParameters,
  mlp,
  mlpParameters,
  Optim,
  Program,
  Training
} from "fovea"
import { add, multiply, reshape } from "fovea/tensor"

const [batch, updates, smoothing] = [100, 4000, 0.1]
const parameters = { features: mlpParameters(784, [256, 256, 128]), head: linearParameters(128, 10) }

const classifier = (name: string, net: Program.Learner<typeof parameters>) =>
  Program.make(name, {
    state: { net },
    inputs: { images: [batch, 1, 28, 28], labels: [batch, 10] },
    step: ({ net }, { images, labels }) => {
      const logits = ({ features, head }: typeof net.parameters) =>
        linear(head, mlp(features, "relu", reshape(images, [batch, 784])))
      const smoothed = add(multiply(1 - smoothing, labels), smoothing / 10)
      const { next, loss } = Program.descend(net, (p) => crossEntropy(logits(p), smoothed))
      return { next: { net: next }, outputs: { loss, accuracy: accuracy(logits(net.parameters), labels) } }
    }
  })

const adam = Optim.adam(Optim.cosine(1e-3, updates))
const digits = classifier("classifier of digits", Program.learner(parameters, adam))
const fashion = Datasets.fashionMnist("data/fashion-mnist")

export default Training.recipe({
  program: digits,
  data: Data.labelledImagesFrom(Datasets.mnist),
  updates,
  seed: 1,
  show: ({ tensors, updates }) =>
    Effect.gen(function* () {
      const features = initialisedBy(parameters.features, tensors, "net.parameters.features")
      const net = Program.learner(
        { ...parameters, features },
        Optim.freeze(["features.layer1", "features.layer2"], adam)
      )
      const clothes = classifier("classifier of clothes", net)
      const data = yield* Data.labelledImagesFrom(fashion)
      const last = yield* Stream.runLast(Training.run(clothes, { data, updates, seed: 2 }))
      const after = yield* Effect.flatMap(Effect.fromOption(last), ({ snapshot }) => snapshot)
      const ofDigits = yield* Data.labelledImagesFrom(Datasets.mnist, "test")
      const ofClothes = yield* Data.labelledImagesFrom(fashion, "test")
      const before = yield* Training.measure(digits, tensors, { data: ofDigits, seed: 1 })
      const carried = yield* Training.measure(clothes, after.tensors, { data: ofClothes, seed: 1 })
      const isMoved = (path: string) => String(after.tensors[path]?.values) !== String(tensors[path]?.values)
      const moved = Object.keys(tensors).filter((path) => path.startsWith("net.parameters") && isMoved(path))
      yield* Console.log(`test accuracy: ${before.accuracy} of digits, ${carried.accuracy} of clothes`)
      yield* Console.log(`of the parameters the second training moved ${moved.join(", ")}`)
    })
})
