import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  classifierProgram,
  classifierState,
  classifyingProgram
} from "../../../src/domain/experiment/classifierTraining.ts"
import { classifierModel } from "../../../src/domain/model/classifier/Classifier.ts"
import { ClassifierSettings } from "../../../src/domain/model/classifier/ClassifierSettings.ts"
import { isParameterSpec, type ParameterSpec, parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { randomShift } from "../../../src/domain/nn/randomShift.ts"
import { accuracy, crossEntropy } from "../../../src/domain/objective/crossEntropy.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { softmax } from "../../../src/domain/tensor/reduction.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree, mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { isSmoothNear, numericGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"
import { seeds } from "../model/smallModels.ts"
import { plainAdam } from "../optim/plainAdam.ts"

const settings = new ClassifierSettings({ kernels: [2, 2], kernelSize: 3, features: 3 })
const model = classifierModel(settings, { channels: 1, height: 4, width: 5 }, 3)
const options = {
  batchSize: 4,
  shift: 1,
  optimizer: new AdamSettings({ learningRate: 0.02, beta1: 0.6, beta2: 0.9, epsilon: 1e-3 }),
  averageDecay: 0.7
}
const program = classifierProgram(model, options)
const labels = [2, 0, 1, 2]

/** A run that has done three updates, and a batch: random, with moments that Adam can have. */
const stateFor = (seed: number): Readonly<Record<string, Float64Array>> => ({
  ...mapRecord(program.state, ({ shape }, path) =>
    path === "optimizer.updates"
      ? Float64Array.of(3)
      : normals(seed, path, shape, path.startsWith("optimizer") ? 0.1 : 0.6).map((n) =>
          path.includes(".second.") ? Math.abs(n) : n
        )
  ),
  images: normals(seed, "images", [4, 1, 4, 5]),
  labels: Float64Array.from(labels.flatMap((label) => [0, 1, 2].map((c) => (c === label ? 1 : 0))))
})

const images = placeholder("images", [4, 1, 4, 5])
const oneHot = placeholder("labels", [4, 3])
const trained = parameterPlaceholders(model.parameters, "trained")
const logits = model.logits(trained, model.features(trained, randomShift(images, 1, "shift")))

describe("classifierProgram", () => {
  it("is Adam on the cross-entropy, and a running mean, worked out without `gradient`", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const before = stateFor(seed)
        const paths = Object.keys(flattenTree(model.parameters, isParameterSpec))
        const loss = crossEntropy(logits, oneHot)
        fc.pre(paths.every((path) => isSmoothNear(loss, before, `trained.${path}`)))
        const roots = { ...program.next, ...program.outputs }
        const values = evaluateNamed(Object.values(roots), before)
        const after = Object.fromEntries(Object.keys(roots).map((name, i) => [name, values[i] ?? []]))
        const at = (path: string) => Array.from(before[path] ?? [])
        for (const path of paths) {
          const [first, second] = [`optimizer.first.${path}`, `optimizer.second.${path}`]
          const moved = plainAdam(
            options.optimizer,
            { theta: at(`trained.${path}`), first: at(first), second: at(second) },
            numericGradient(loss, before, `trained.${path}`),
            4
          )
          assertClose(after[`trained.${path}`] ?? [], moved.theta, 1e-7, path)
          assertClose(after[first] ?? [], moved.first, 1e-7, first)
          assertClose(after[second] ?? [], moved.second, 1e-7, second)
          const share = 0.3 / (1 - 0.7 ** 4)
          const mean = at(`classifier.${path}`).map((old, i) => old + share * ((moved.theta[i] ?? Number.NaN) - old))
          assertClose(after[`classifier.${path}`] ?? [], mean, 1e-7, `mean of ${path}`)
        }
        assert.deepStrictEqual(Array.from(after["optimizer.updates"] ?? []), [4])
        const measured = evaluateNamed([loss, accuracy(logits, oneHot)], before)
        assertClose(
          [...(after["loss"] ?? []), ...(after["accuracy"] ?? [])],
          measured.flatMap((v) => [...v]),
          1e-12
        )
      }),
      { numRuns: 2, maxSkipsPerRun: 1000 }
    )
  })

  it("has the state that its first state names", () => {
    assert.deepStrictEqual(
      mapRecord(program.state, ({ shape }) => shape),
      mapRecord(
        flattenTree<ParameterSpec>(classifierState(model, options.optimizer), isParameterSpec),
        ({ shape }) => shape
      )
    )
  })
})

describe("classifyingProgram", () => {
  it("classifies by the running mean, which it leaves as it is", () => {
    const classifying = classifyingProgram(model, 4)
    const classifier = parameterPlaceholders(model.parameters, "classifier")
    assert.deepStrictEqual(Object.keys(classifying.state), Object.keys(flattenTree({ classifier }, isTensor)))
    assert.deepStrictEqual(classifying.next, classifying.state)
    const features = model.features(classifier, images)
    const before = stateFor(5)
    const { features: seen, probabilities } = classifying.outputs
    const expected = evaluateNamed([features, softmax(model.logits(classifier, features))], before)
    evaluateNamed([seen, probabilities], before).forEach((values, i) => {
      assertClose(values, expected[i] ?? [], 1e-12)
    })
  })
})
