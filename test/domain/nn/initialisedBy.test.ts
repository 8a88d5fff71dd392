import { assert, describe, it } from "@effect/vitest"
import { initialisedBy } from "../../../src/domain/nn/initialisedBy.ts"
import { linearParameters } from "../../../src/domain/nn/linear.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"

const parameters = { first: linearParameters(2, 3), second: linearParameters(3, 2) }

describe("initialisedBy", () => {
  it("begins as the tensors of a training before, whatever the seed", () => {
    const before = initialise({ net: parameters }, 1)
    const carried = { net: { ...parameters, first: initialisedBy(parameters.first, before, "net.first") } }
    const after = initialise(carried, 2)
    assert.deepStrictEqual(after["net.first.weight"], before["net.first.weight"])
    assert.deepStrictEqual(after["net.first.bias"], before["net.first.bias"])
    assert.notDeepEqual(after["net.second.weight"], before["net.second.weight"])
  })

  it("takes a parameter by itself, at its own path, and leaves buffers what they are", () => {
    const [mean] = Object.values(
      initialisedBy(
        { mean: { ...parameters.first.bias, trained: false } },
        initialise({ a: { mean: parameters.first.bias } }, 1),
        "a"
      )
    )
    assert.strictEqual(mean?.trained, false)
    const single = initialisedBy(parameters.first.weight, initialise({ a: parameters.first.weight }, 5), "a")
    assert.deepStrictEqual(initialise({ b: single }, 6)["b"], initialise({ a: parameters.first.weight }, 5)["a"])
  })

  it("names the path of a tensor that is missing or of another shape", () => {
    const before = initialise({ net: parameters }, 1)
    assert.throws(() => initialisedBy(parameters.first, before, "body"), /"body\.(weight|bias)"/)
    assert.throws(
      () => initialisedBy(parameters.first, before, "net.second"),
      RangeError,
      '"net.second.weight" is [3, 2], and the parameter that is to begin as it [2, 3]'
    )
  })
})
