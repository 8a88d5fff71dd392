import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Data, Datasets, Evaluation, spectralNorm } from "fovea"
import { constant, type TensorData, tensorData } from "fovea/tensor"
import recipe from "../../docs/gallery/hinge-spectral-norm.ts"
import { evaluateNamed } from "../support/evaluateNamed.ts"
import { keepsContract } from "./contract.ts"

const images = { count: 200, channels: 1, height: 28, width: 28, seed: 3 }

/** The greatest singular value of W / sigma once the power iteration has gone on for so many steps. */
const greatestAfter = (steps: number, weight: TensorData, u: TensorData): number => {
  const { parameters, vectors } = spectralNorm({ w: constant(weight) }, { w: constant(u) })
  const [normalised, next] = evaluateNamed([parameters.w, ...Object.values(vectors)], {})
  if (normalised === undefined || next === undefined) return assert.fail("no numbers")
  if (steps > 0) return greatestAfter(steps - 1, weight, tensorData(u.shape, next))
  return Evaluation.singularValues(tensorData(weight.shape, normalised))[0] ?? Number.NaN
}

describe("the gallery's hinge-spectral-norm", () => {
  it.live("keeps the contract, and D's weights come to the greatest singular value 1", () =>
    Effect.gen(function* () {
      const data = Data.imagesFrom(Datasets.synthetic(images))
      const small = { data, moves: { lossOfD: "falls" }, updates: 16, shown: false } as const
      const { tensors, samples } = yield* keepsContract(recipe, small)
      assert.deepStrictEqual(samples["images"]?.shape, [7, 1, 28, 28])
      const layers = Object.entries(tensors).filter(([path]) => path.startsWith("u."))
      assert.strictEqual(layers.length, 3)
      for (const [path, u] of layers) {
        const weight = tensors[path.replace(/^u/, "D.parameters")]
        if (weight === undefined) return assert.fail(`${path} belongs to no weight`)
        const [greatest = 0] = Evaluation.singularValues(weight)
        // While the weights move, the estimate is behind them, below the truth; where they rest it comes to it.
        const moving = greatestAfter(0, weight, u)
        assert.isAtLeast(moving, 0.999, path)
        assert.isBelow(moving - 1, (greatest - 1) / 2, path)
        assert.closeTo(greatestAfter(20, weight, u), 1, 0.02, path)
      }
    })
  )
})
