import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { linear as affine, linearParameters } from "../../../src/domain/nn/linear.ts"
import { freeze, masked, multiSteps, partition } from "../../../src/domain/optim/combine.ts"
import { chain, type Optimizer } from "../../../src/domain/optim/Optimizer.ts"
import { adam, adamw, lion, momentum, nesterov, rmsprop, sgd } from "../../../src/domain/optim/optimizers.ts"
import { exponential, joined, linear, piecewise, warmupCosine } from "../../../src/domain/optim/schedule.ts"
import { addDecayedWeights, clip, clipByGlobalNorm, maxColumnNorm } from "../../../src/domain/optim/transforms.ts"
import { ema, follow } from "../../../src/domain/program/ema.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { initialState, make } from "../../../src/domain/program/Program.ts"
import { square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { type NamedTensors, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { layerTfjsCpu } from "../../../src/layers/backend/tfjs/tfjs.ts"
import { assertClose } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"

const optimizers: Readonly<Record<string, Optimizer>> = {
  sgd: sgd(piecewise([0.1, 0.01], [3])),
  adam: chain(clipByGlobalNorm(0.5), adam(warmupCosine(0.1, 3, 6))),
  adamw: adamw(exponential(0.1, 0.5, 4), 0.1),
  rmsprop: chain(clip(0.2), rmsprop(0.01)),
  lion: lion(0.01, 0.1),
  nesterov: nesterov(0.05),
  momentum: chain(momentum(0.1, linear(0.5, 0.9, 4)), maxColumnNorm(0.8)),
  accumulated: multiSteps(2, adam(joined([0.1, linear(0.1, 0, 2)], [1]))),
  frozen: freeze(["bias"], adam(0.05)),
  groups: partition([
    [["weight"], chain(masked(["weight"], addDecayedWeights(0.1)), sgd(0.1))],
    [["bias"], adam(0.1)]
  ])
}

/** Eight updates of each optimizer, on the same batches. */
const trained = (optimizer: Optimizer) =>
  Effect.scoped(
    Effect.gen(function* () {
      const line = learner(linearParameters(3, 2), optimizer)
      const program = make("line", {
        state: { line, average: ema(line, 0.8) },
        inputs: { x: [4, 3], y: [4, 2] },
        step: ({ line, average }, { x, y }) => {
          const { next, loss } = descend(line, (p) => mean(square(subtract(tanh(affine(p, x)), y))))
          return { next: { line: next, average: follow(average, next.parameters) }, outputs: { loss } }
        }
      })
      const executable = yield* (yield* TensorBackend).compile(program, initialState(program, 1))
      for (let step = 0; step < 8; step++) {
        const x = tensorData([4, 3], Float32Array.from(normals(step, "x", [4, 3])))
        const y = tensorData([4, 2], Float32Array.from(normals(step, "y", [4, 2])))
        yield* executable.step({ inputs: { x, y }, noise: { seed: 0, step } })
      }
      const all: NamedTensors = { ...(yield* executable.readState), ...(yield* executable.readOutputs) }
      return all
    })
  )

describe.each(Object.entries(optimizers))("eight updates of %s", (_, optimizer) => {
  it.effect.each([
    ["onnxruntime", layerOnnxRuntime],
    ["tfjs-cpu", layerTfjsCpu]
  ] as const)("on %s are those on reference", ([, layer]) =>
    Effect.gen(function* () {
      const expected = yield* trained(optimizer).pipe(Effect.provide(layerReference, { local: true }))
      assert.isAbove(Object.keys(expected).length, 5)
      const actual = yield* trained(optimizer).pipe(Effect.provide(layer, { local: true }))
      for (const [path, { values }] of Object.entries(expected)) {
        assertClose(actual[path]?.values ?? [], values, 1e-4, path)
      }
    })
  )
})
