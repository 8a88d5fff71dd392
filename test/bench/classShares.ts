/**
 * How much of a Frechet distance, and of a lack of coverage, comes of classes drawn too often or too rarely: `node test/bench/classShares.ts
 * [--results docs/reproduction/results.json]`.
 *
 * For every training in a reproduction's results it takes real images that no model was trained on, in the shares of
 * classes that its samples have, and prints their Frechet distance to the training images beside that of the samples. These
 * images are as good as real ones can be: what their distance exceeds the first line's by is what the shares alone do,
 * and what is left of the samples' distance lies within the classes. Beside it stand the coverage of the samples and what
 * their shares alone would leave of it (`coverageOfShares`). Uses the classifier in runs/classifier, and trains it
 * there if there is none.
 */
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { classFrequencies } from "../../src/domain/metrics/classes.ts"
import { mostPairs } from "../../src/domain/metrics/evaluatedReference.ts"
import { featureStatistics } from "../../src/domain/metrics/featureStatistics.ts"
import { frechetDistance } from "../../src/domain/metrics/frechetDistance.ts"
import { coverageOfShares, usualNeighbours } from "../../src/domain/metrics/neighbourhoods.ts"
import { rowsOf, takeRows } from "../../src/domain/metrics/Rows.ts"
import { Results } from "../../src/domain/paper/report/Results.ts"
import { permutation } from "../../src/domain/random/permutation.ts"
import { type TensorData, tensorData } from "../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerClassifier } from "../../src/layers/checkpoint/ClassifierStore.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { layerTerminal } from "../../src/layers/log/terminal.ts"
import { classifyImageSet } from "../../src/programs/classifier/classify.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"

/** Images for each line: few enough that hardly one has to be taken twice. */
const count = 5000

/** Rows of `features` in the given shares of classes, each class in a random order and from the beginning if it runs out. */
const inShares = (features: TensorData, labels: ArrayLike<number>, shares: ReadonlyArray<number>): TensorData => {
  const chosen = shares.flatMap((share, label) => {
    const own = Array.from(labels).flatMap((of, index) => (of === label ? [index] : []))
    const order = permutation({ seed: 0, stream: `class ${label}`, step: 0 }, own.length)
    return Array.from({ length: Math.round(share * count) }, (_, i) => own[order[i % own.length] ?? 0] ?? 0)
  })
  const { values, width } = takeRows(rowsOf(features), chosen)
  return tensorData([chosen.length, width], values)
}

const bench = Effect.gen(function* () {
  const { values } = parseArgs({ options: { results: { type: "string", default: "docs/reproduction/results.json" } } })
  const text = yield* Effect.promise(() => readFile(values.results, "utf8"))
  const { experiments } = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Results))(text)
  const { training, validation, test } = yield* Dataset
  const classifier = yield* openClassifier()
  const real = yield* Effect.fromResult(featureStatistics((yield* classifyImageSet(classifier, training)).features))
  const parts = [yield* classifyImageSet(classifier, validation), yield* classifyImageSet(classifier, test)]
  const width = classifier.settings.model.features
  const features = tensorData(
    [validation.count + test.count, width],
    Float32Array.from(parts.flatMap((part) => Array.from(part.features.values)))
  )
  const labels = [...(validation.labels ?? []), ...(test.labels ?? [])]
  const distanceOf = (shares: ReadonlyArray<number>) =>
    Effect.fromResult(featureStatistics(inShares(features, labels, shares))).pipe(
      Effect.flatMap((own) => Effect.fromResult(frechetDistance(real, own)))
    )
  const even = Array.from(classFrequencies(training.labels ?? [], classifier.classes))
  const line = (name: string, distance: number, rest: string) =>
    process.stdout.write(`${name.padEnd(16)} real images in its shares ${distance.toFixed(1).padStart(6)}${rest}\n`)
  line("training data", yield* distanceOf(even), "")
  for (const { name, seed, measures } of experiments) {
    const drawn = measures.classHistogram.map((share) => share * mostPairs)
    const left = coverageOfShares(
      even.map((share) => share * mostPairs),
      drawn,
      usualNeighbours
    )
    const rest =
      `; its samples ${measures.frechetDistance.toFixed(1)} (seed ${seed}); ` +
      `coverage ${measures.coverage.toFixed(2)}, by its shares alone ${left.toFixed(2)}`
    line(name, yield* distanceOf(measures.classHistogram), rest)
  }
}).pipe(
  Effect.provide(
    Layer.mergeAll(layerMnist, layerOnnxRuntime, layerTerminal, layerClassifier({ directory: "runs/classifier" })).pipe(
      Layer.provide(NodeServices.layer)
    )
  )
)

NodeRuntime.runMain(bench)
