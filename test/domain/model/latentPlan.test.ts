import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { drawLatents, LatentStep, standardLatents } from "../../../src/domain/model/latentPlan.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

const plans = fc.array(
  fc.record({
    mean: fc.double({ min: -100, max: 100, noNaN: true }),
    deviation: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true }))
  }),
  { minLength: 1, maxLength: 6 }
)
const size = fc.integer({ min: 1, max: 5 })
const call = { seed: 3, step: 2 }

describe("drawLatents", () => {
  it("is mean + deviation times the standard latents of the same stream, step by step", () => {
    fc.assert(
      fc.property(plans, size, size, (plan, batch, width) => {
        const standard = evaluateOne(drawLatents("n", standardLatents(plan.length), batch, width), {}, call)
        const latents = drawLatents("n", plan, batch, width)
        assert.deepStrictEqual(latents.shape, [plan.length, batch, width])
        const expected = plan.flatMap(({ mean, deviation }, t) =>
          Array.from(standard.subarray(t * batch * width, (t + 1) * batch * width), (noise) => mean + deviation * noise)
        )
        assertClose(evaluateOne(latents, {}, call), expected, 1e-14)
      })
    )
  })

  it("is exactly its mean where the deviation is 0", () => {
    const plan = [
      { mean: 0, deviation: 0 },
      { mean: 2.5, deviation: 0 },
      { mean: 0, deviation: 1 }
    ]
    const latents = evaluateOne(drawLatents("n", plan, 2, 2), {}, call)
    assert.deepStrictEqual(Array.from(latents.subarray(0, 8), Math.abs), [0, 0, 0, 0, 2.5, 2.5, 2.5, 2.5])
    assert.isTrue(latents.subarray(8).every((value) => value !== 0))
  })

  it("moves by its mean when every deviation is 1", () => {
    const standard = evaluateOne(drawLatents("n", standardLatents(1), 2, 3), {}, call)
    const moved = evaluateOne(drawLatents("n", [{ mean: 5, deviation: 1 }], 2, 3), {}, call)
    assertClose(
      moved,
      standard.map((value) => value + 5),
      1e-14
    )
  })

  it("is standard normal by default: mean 0 and deviation 1 at every step", () => {
    const latents = evaluateOne(drawLatents("n", standardLatents(2), 100, 100), {}, call)
    for (const step of [latents.subarray(0, 10_000), latents.subarray(10_000)]) {
      const mean = step.reduce((total, value) => total + value, 0) / 10_000
      const variance = step.reduce((total, value) => total + (value - mean) ** 2, 0) / 10_000
      assert.closeTo(mean, 0, 0.05)
      assert.closeTo(variance, 1, 0.06)
    }
  })

  it("shares its noise with every stream of the same name, and with no other", () => {
    const draw = (stream: string) => evaluateOne(drawLatents(stream, standardLatents(2), 3, 4), {}, call)
    assert.deepStrictEqual(draw("a"), draw("a"))
    assert.notDeepEqual(draw("a"), draw("b"))
  })
})

describe("LatentStep", () => {
  const decode = Schema.decodeUnknownResult(LatentStep)
  it.each([
    { mean: 0, deviation: -1 },
    { mean: Number.NaN, deviation: 1 },
    { mean: 0, deviation: Number.POSITIVE_INFINITY },
    { mean: 0 }
  ])("refuses %o", (bad) => {
    assert.isTrue(Result.isFailure(decode(bad)))
  })

  it("takes the paper's wildest latent: a deviation of 10,000", () => {
    assert.isTrue(Result.isSuccess(decode({ mean: 0, deviation: 10_000 })))
  })
})
