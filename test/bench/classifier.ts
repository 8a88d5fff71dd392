/**
 * How good the classifier of the measures is: `node test/bench/classifier.ts [--seeds 0,1,2] [--epochs 8]`.
 *
 * Trains it on MNIST by its preset, once for each seed, and prints its accuracy on the 10,000 test images, the time that
 * training took (of the process: a busy machine counts less), and the time to classify 10,000 images. Ends with code 1 if
 * one is below 99%. About a minute for each seed on a quiet core.
 */
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ClassifierExperiment, classifierPreset } from "../../src/domain/experiment/ClassifierExperiment.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerClassifierMemory } from "../../src/layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { layerSilent } from "../../src/layers/log/TrainingLog.ts"
import { classifyImageSet } from "../../src/programs/classifier/classify.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"

const leastAccuracy = 0.99

const readFlags = () => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "0,1,2" },
      epochs: { type: "string", default: String(classifierPreset.epochs) }
    }
  })
  const [seeds, epochs] = [values.seeds.split(",").map(Number), Number(values.epochs)]
  if (!seeds.every((seed) => Number.isSafeInteger(seed) && seed >= 0)) {
    throw new RangeError(`--seeds takes whole numbers with commas between them, not "${values.seeds}"`)
  }
  if (!Number.isSafeInteger(epochs) || epochs < 1) throw new RangeError("--epochs must be a positive integer")
  return { seeds, epochs }
}

/** Seconds of the processor that an effect took. */
const processorSeconds = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const before = process.cpuUsage()
    const value = yield* effect
    const { user, system } = process.cpuUsage(before)
    return { value, seconds: (user + system) / 1e6 }
  })

const bench = Effect.gen(function* () {
  const { seeds, epochs } = yield* Effect.sync(readFlags)
  const { test } = yield* Dataset
  const accuracies: Array<number> = []
  for (const seed of seeds) {
    const settings = new ClassifierExperiment({ ...classifierPreset, seed, epochs })
    const trained = yield* processorSeconds(openClassifier(settings)).pipe(
      Effect.provide(layerClassifierMemory, { local: true })
    )
    const { seconds } = yield* processorSeconds(classifyImageSet(trained.value, test))
    const { testAccuracy } = trained.value
    accuracies.push(testAccuracy)
    process.stdout.write(
      `seed ${seed}, ${epochs} epochs: ${(100 * testAccuracy).toFixed(2)}% of ${test.count} test images; ` +
        `trained in ${trained.seconds.toFixed(0)} s, classified in ${seconds.toFixed(2)} s of one core\n`
    )
  }
  const least = Math.min(...accuracies)
  process.stdout.write(`least ${(100 * least).toFixed(2)}%, wanted ${100 * leastAccuracy}%\n`)
  if (least < leastAccuracy) process.exitCode = 1
}).pipe(Effect.provide([layerMnist.pipe(Layer.provide(NodeServices.layer)), layerOnnxRuntime, layerSilent]))

NodeRuntime.runMain(bench)
