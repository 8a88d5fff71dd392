/**
 * Which real images a generator's samples do not reach: `node test/bench/unreached.ts --checkpoint runs/modern [--count 2000] [--update U]`.
 *
 * A real image is reached if its features lie within the range of a generated one (the recall of `neighbourhoods`). The
 * test images are put in order of a property and cut into fifths; printed is the recall of each: by ink (the mean of its pixels, which is how thick its strokes are),
 * and of each class. Uses the classifier in runs/classifier, and trains it there if there is none.
 */
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { neighbourhoods } from "../../src/domain/metrics/neighbourhoods.ts"
import { rowsOf } from "../../src/domain/metrics/Rows.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerClassifier } from "../../src/layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { layerTerminal } from "../../src/layers/log/terminal.ts"
import { chosenCheckpoint, layerChosen } from "../../src/programs/checkpoint/chosenCheckpoint.ts"
import { openCheckpoint } from "../../src/programs/checkpoint/openCheckpoint.ts"
import { classify } from "../../src/programs/classifier/classify.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"
import { sampleImages } from "../../src/programs/sampling/Sampling.ts"

const { values: flags } = parseArgs({
  options: { checkpoint: { type: "string" }, count: { type: "string", default: "2000" }, update: { type: "string" } }
})
if (flags.checkpoint === undefined) throw new RangeError("--checkpoint takes the folder of a run")
const path = flags.checkpoint
const count = Number(flags.count)
if (!Number.isSafeInteger(count) || count < 10) throw new RangeError("--count must be a whole number of at least 10")

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

const bench = Effect.gen(function* () {
  const update = flags.update === undefined ? Option.none() : Option.some(Number(flags.update))
  const chosen = yield* chosenCheckpoint({ path, update, epoch: Option.none(), field: "--checkpoint" })
  const { model, tensors, seed } = yield* openCheckpoint.pipe(Effect.provide(layerChosen(chosen, "stop")))
  const drawn = yield* sampleImages(model, tensors, { count, seed })
  const { test } = yield* Dataset
  const real = firstImages(test, count)
  const classifier = yield* openClassifier()
  const [ofReal, ofDrawn] = [yield* classify(classifier, real), yield* classify(classifier, drawn)]
  const { realInGenerated } = yield* Effect.fromResult(neighbourhoods(ofReal.features, ofDrawn.features))
  const reached = Array.from(realInGenerated, (times) => (times > 0 ? 1 : 0))
  const pixels = rowsOf(real)
  const ink = Array.from({ length: count }, (_, i) =>
    mean(pixels.values.subarray(i * pixels.width, (i + 1) * pixels.width))
  )
  yield* Console.log(`${path}: recall ${mean(reached).toFixed(2)} of ${count} test images by ${count} samples`)
  const order = ink.map((_, i) => i).toSorted((a, b) => (ink[a] ?? 0) - (ink[b] ?? 0))
  for (let fifth = 0; fifth < 5; fifth++) {
    const part = order.slice(Math.round((fifth * count) / 5), Math.round(((fifth + 1) * count) / 5))
    const [recall, brightness] = [mean(part.map((i) => reached[i] ?? 0)), mean(part.map((i) => ink[i] ?? 0))]
    yield* Console.log(`ink ${brightness.toFixed(3)} recall ${recall.toFixed(2)}`)
  }
  const labels = Array.from(test.labels ?? []).slice(0, count)
  for (const label of [...new Set(labels)].toSorted((a, b) => a - b)) {
    const own = reached.filter((_, i) => labels[i] === label)
    yield* Console.log(`class ${label} recall ${mean(own).toFixed(2)}`)
  }
})

NodeRuntime.runMain(
  bench.pipe(
    Effect.scoped,
    Effect.provide(
      Layer.mergeAll(
        layerMnist,
        layerOnnxRuntime,
        layerTerminal,
        layerClassifier({ directory: "runs/classifier" })
      ).pipe(Layer.provideMerge(NodeServices.layer))
    )
  )
)
