/**
 * Which real images a generator's samples do not reach: `node test/bench/unreached.ts --checkpoint runs/modern [--count 2000] [--update U]`.
 *
 * A real image is reached if its features lie within the range of a generated one (the recall of `neighbourhoods`). Prints the recall of
 * the first `count` test images, of each class, and of each fifth by ink: the mean of an image's pixels. Fifths are of each class by itself, for a 1
 * has less ink than an 8 however thick its strokes are. Beside it stands what as many validation images reach, which is what samples can. Uses the classifier in runs/classifier, and trains it there if there is none.
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
import { type Classification, classify } from "../../src/programs/classifier/classify.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"
import { firstImages } from "../../src/programs/evaluation/EvaluationReference.ts"
import { sampleImages } from "../../src/programs/sampling/Sampling.ts"

const { values: flags } = parseArgs({
  options: { checkpoint: { type: "string" }, count: { type: "string", default: "2000" }, update: { type: "string" } }
})
if (flags.checkpoint === undefined) throw new RangeError("--checkpoint takes the folder of a run")
const path = flags.checkpoint
const wholeNumber = (name: "count" | "update", text: string, least: number, most = Number.MAX_SAFE_INTEGER): number => {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw new RangeError(
      `--${name} takes a whole number of at least ${least}${most < 1e6 ? `, and at most ${most}` : ""}`
    )
  }
  return value
}
// As many as there are test images.
const count = wholeNumber("count", flags.count, 100, 10_000)
const update = Option.map(Option.fromUndefinedOr(flags.update), (text) => wholeNumber("update", text, 0))

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length

const bench = Effect.gen(function* () {
  const chosen = yield* chosenCheckpoint({ path, update, epoch: Option.none(), field: "--checkpoint" })
  const { model, tensors, seed } = yield* openCheckpoint.pipe(Effect.provide(layerChosen(chosen, "stop")))
  const drawn = yield* sampleImages(model, tensors, { count, seed })
  const { test, validation } = yield* Dataset
  const real = firstImages(test, count)
  const classifier = yield* openClassifier()
  const [ofReal, ofDrawn, ofOthers] = [
    yield* classify(classifier, real),
    yield* classify(classifier, drawn),
    yield* classify(classifier, firstImages(validation, count))
  ]
  const reachedBy = ({ features }: Classification) =>
    Effect.fromResult(neighbourhoods(ofReal.features, features)).pipe(
      Effect.map(({ realInGenerated }) => Array.from(realInGenerated, (times) => (times > 0 ? 1 : 0)))
    )
  const [bySamples, byOthers] = [yield* reachedBy(ofDrawn), yield* reachedBy(ofOthers)]
  const pixels = rowsOf(real)
  const ink = Array.from({ length: count }, (_, i) =>
    mean(pixels.values.subarray(i * pixels.width, (i + 1) * pixels.width))
  )
  const labels = Array.from(test.labels ?? []).slice(0, count)
  const classes = [...new Set(labels)]
    .toSorted((a, b) => a - b)
    .map((label) => ({
      label,
      // Least ink first.
      members: labels.flatMap((own, i) => (own === label ? [i] : [])).toSorted((a, b) => (ink[a] ?? 0) - (ink[b] ?? 0))
    }))
  const share = (part: ReadonlyArray<number>, reached: ReadonlyArray<number>): string =>
    mean(part.map((i) => reached[i] ?? 0)).toFixed(2)
  const line = (of: string, part: ReadonlyArray<number>) =>
    Console.log(`| ${of} | ${share(part, bySamples)} | ${share(part, byOthers)} |`)
  yield* Console.log(`${count} test images\n\n| recall | by samples of ${path} | by validation images |\n|---|---|---|`)
  yield* line(
    "all",
    labels.map((_, i) => i)
  )
  for (const fifth of [0, 1, 2, 3, 4]) {
    const part = classes.flatMap(({ members }) =>
      members.slice(Math.round((fifth * members.length) / 5), Math.round(((fifth + 1) * members.length) / 5))
    )
    yield* line(`ink ${mean(part.map((i) => ink[i] ?? 0)).toFixed(3)}`, part)
  }
  for (const { label, members } of classes) yield* line(`class ${label}`, members)
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
