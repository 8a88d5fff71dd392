import { assert, describe, it } from "@effect/vitest"
import { variationalProgram, variationalState } from "../../../src/domain/experiment/variationalTraining.ts"
import type { VariationalModel } from "../../../src/domain/model/VariationalModel.ts"
import { type BatchNorm, batchNormEval, batchNormParameters, batchNormTrain } from "../../../src/domain/nn/batchNorm.ts"
import { isParameterSpec, type ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { AdamSettings } from "../../../src/domain/optim/OptimizerSettings.ts"
import { multiply, negate, square } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast } from "../../../src/domain/tensor/broadcast.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { normals } from "../../support/randomNumbers.ts"

const format = { channels: 2, height: 2, width: 3 }

/** The least model of this kind whose encoder normalises: a likelihood that depends on the normalised image. */
const toy: VariationalModel<{ level: ParameterSpec }, { norm: BatchNorm<ParameterSpec> }> = {
  name: "toy",
  objective: "variational",
  format,
  generator: {
    parameters: { level: { shape: [1, 2, 1, 1], initialiser: { kind: "constant", value: 0.5 } } },
    generate: ({ level }, { batch }) => ({ images: broadcast(level, [batch, 2, 2, 3]) })
  },
  encoder: { parameters: { norm: batchNormParameters(2) } },
  infer: ({ generator, encoder }, images, { batches }) => {
    const normalised =
      batches === undefined
        ? batchNormEval(encoder.norm, images)
        : batchNormTrain(encoder.norm, images, batches).normalised
    const energy = mean(square(multiply(normalised, generator.level)), [1, 2, 3])
    return { logLikelihood: negate(energy), divergence: square(energy), reconstruction: normalised }
  },
  statistics: ({ encoder }, images, { batches = 1 }) => {
    const { runningMean, runningVariance } = batchNormTrain(encoder.norm, images, batches).next
    return { "encoder.norm.runningMean": runningMean, "encoder.norm.runningVariance": runningVariance }
  }
}

describe("variationalProgram of a model with running statistics", () => {
  const optimizer = new AdamSettings({ learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3 })
  const program = variationalProgram(toy, { batchSize: 3, binarise: false, optimizer })

  it("gives them no moments, and moves them a tenth of the way to the batch's", () => {
    const state = flattenTree(variationalState(toy, { optimizer }), isParameterSpec)
    assert.deepStrictEqual(
      Object.keys(state).filter((path) => path.startsWith("optimizer.first.")),
      ["generator.level", "encoder.norm.scale", "encoder.norm.shift"].map((path) => `optimizer.first.${path}`)
    )
    assert.deepStrictEqual(Object.keys(program.next), Object.keys(state))
    const images = normals(1, "images", [3, 2, 2, 3])
    const before: Readonly<Record<string, Float64Array>> = {
      images,
      ...Object.fromEntries(
        Object.entries(program.state).map(([path, { shape }]) => [
          path,
          path.endsWith(".updates") ? Float64Array.of(3) : normals(1, path, shape).map(Math.abs)
        ])
      )
    }
    const values = evaluateNamed(Object.values(program.next), before)
    const after = Object.fromEntries(Object.keys(program.next).map((path, i) => [path, values[i]]))
    for (const channel of [0, 1]) {
      const seen = Array.from(images).filter((_, i) => Math.floor(i / 6) % 2 === channel)
      const average = seen.reduce((total, value) => total + value, 0) / seen.length
      const expected = 0.9 * (before["encoder.norm.runningMean"]?.[channel] ?? Number.NaN) + 0.1 * average
      assertClose([after["encoder.norm.runningMean"]?.[channel] ?? 0], [expected], 1e-12)
    }
    assert.notDeepEqual(after["encoder.norm.scale"], before["encoder.norm.scale"])
  })
})
