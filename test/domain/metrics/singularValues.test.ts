import { assert, describe, it } from "@effect/vitest"
import { singularValues } from "../../../src/domain/metrics/singularValues.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose } from "../../support/assertClose.ts"
import { normals } from "../../support/randomNumbers.ts"

describe("singularValues", () => {
  it("are the stretches of a matrix, the greatest first, whichever way it lies", () => {
    const wide = [1, 0, 0, 0, 0, -3]
    assertClose(singularValues(tensorData([2, 3], Float64Array.from(wide))), [3, 1], 1e-12)
    assertClose(singularValues(tensorData([3, 2], Float64Array.from([2, 0, 0, 0, 0, 5]))), [5, 2], 1e-12)
    assertClose(singularValues(tensorData([1, 1], Float64Array.of(-4))), [4], 1e-12)
  })

  it("have the sum of squares of the entries, a kernel [m, ..] taken as [m, n]", () => {
    const kernel = normals(2, "kernel", [4, 2, 3, 3])
    const values = singularValues(tensorData([4, 2, 3, 3], kernel))
    assert.strictEqual(values.length, 4)
    assert.closeTo(
      values.reduce((total, s) => total + s * s, 0),
      kernel.reduce((total, x) => total + x * x, 0),
      1e-9
    )
  })

  it("refuses what is no matrix of numbers", () => {
    assert.throws(() => singularValues(tensorData([3], new Float32Array(3))), /two axes of numbers: \[3\] is none/)
    assert.throws(() => singularValues(tensorData([0, 3], new Float32Array(0))), RangeError)
    assert.throws(() => singularValues(tensorData([1, 2], Float32Array.of(1, Number.NaN))), /not finite/)
  })
})
