import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { memorisation } from "../../../src/domain/metrics/memorisation.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertFails, float64, normalSamples, reversed } from "./samples.ts"

const check = (generated: TensorData, training: TensorData, test: TensorData) =>
  Result.getOrThrow(memorisation(generated, training, test))

const training = normalSamples(1, "training", [300, 1, 4, 4])
const test = normalSamples(1, "test", [200, 1, 4, 4])

describe("the check for memorised training data", () => {
  it("finds copies, and which images they are of", () => {
    const found = check(reversed(training), training, test)
    assert.deepStrictEqual(
      [...found.nearest.indices],
      Array.from({ length: 300 }, (_, i) => 299 - i)
    )
    assert.strictEqual(found.generated.mean, 0)
    assert.strictEqual(found.ratio, 0)
    assert.strictEqual(found.nearerThanTest, 1)
  })

  it("finds nothing where generated images are as fresh as the test's", () => {
    const found = check(normalSamples(1, "fresh", [200, 1, 4, 4]), training, test)
    assert.closeTo(found.ratio, 1, 0.05)
    assert.closeTo(found.nearerThanTest, 0.5, 0.1)
  })

  it("counts ties one half and measures by hand", () => {
    const line = (...values: ReadonlyArray<number>) => float64([values.length, 1], values)
    const found = check(line(1, 2, 7), line(0, 10), line(2, 3))
    // Distances 1, 2, 3 against 2, 3: pairs below 1 1, 1/2 1, 0 1/2.
    assert.closeTo(found.nearerThanTest, 4 / 6, 1e-12)
    assert.closeTo(found.ratio, 2 / 2.5, 1e-12)
    assert.deepStrictEqual([...found.nearest.indices], [0, 0, 1])
  })

  it("asks for images of one kind, and two to be compared", () => {
    assertFails(memorisation(normalSamples(1, "x", [5, 1, 4, 3]), training, test), /generated: .*\[1, 4, 3\]/)
    const one = normalSamples(1, "x", [1, 1, 4, 4])
    assertFails(memorisation(one, training, test), /generated: needs at least 2 samples, 1 were given: 1 are missing/)
  })
})
