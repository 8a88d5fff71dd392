import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { axisPoints } from "../../../src/domain/sweep/axisPoints.ts"
import { decodeSweepPlan } from "../../../src/domain/sweep/SweepPlan.ts"

const pointsOf = (...args: Parameters<typeof axisPoints>) => Result.getOrThrow(axisPoints(...args))
const problemOf = (...args: Parameters<typeof axisPoints>) =>
  Result.getOrThrow(Result.flip(axisPoints(...args))).message

describe("axes of a plan", () => {
  it("are combined, every value with every other, the last fastest", () => {
    const points = pointsOf([{ path: "a", values: [1, 2] }, { points: [{ b: "x", c: true }, { b: "y" }] }])
    assert.deepStrictEqual(points, [
      { a: 1, b: "x", c: true },
      { a: 1, b: "y" },
      { a: 2, b: "x", c: true },
      { a: 2, b: "y" }
    ])
    assert.deepStrictEqual(pointsOf([]), [{}])
  })

  it("draw numbers within their ranges, whole ones where asked, the first the same however many there are", () => {
    const range = fc
      .tuple(fc.double({ min: 1e-6, max: 1e3, noNaN: true }), fc.double({ min: 1.5, max: 1e3, noNaN: true }))
      .map(([from, factor]) => ({ from, to: from * factor + 1 }))
    fc.assert(
      fc.property(range, fc.constantFrom("linear", "log"), fc.boolean(), fc.nat(99), (ends, scale, whole, seed) => {
        const draw = (random: number) =>
          pointsOf([{ random, seed, ranges: { "x.y": { ...ends, scale, whole }, z: { from: 0, to: 1 } } }])
        const points = draw(20)
        for (const { "x.y": value } of points) {
          assert.isTrue(typeof value === "number" && value >= ends.from && value <= ends.to, String(value))
          if (whole) assert.isTrue(Number.isInteger(value))
        }
        assert.deepStrictEqual(draw(7), points.slice(0, 7))
        const alone = pointsOf([{ random: 20, seed, ranges: { "x.y": { ...ends, scale, whole } } }])
        assert.deepStrictEqual(
          alone.map((point) => point["x.y"]),
          points.map((point) => point["x.y"])
        )
      }),
      { numRuns: 50 }
    )
  })

  it("spread numbers evenly: in themselves, or in their logarithms", () => {
    const share = (scale: "linear" | "log", below: number) =>
      pointsOf([{ random: 2000, seed: 3, ranges: { x: { from: 1e-4, to: 1, scale } } }]).filter(
        ({ x }) => Number(x) < below
      ).length / 2000
    assert.approximately(share("linear", 0.5), 0.5, 0.03)
    assert.approximately(share("log", 1e-2), 0.5, 0.03)
  })

  it("are refused for a path on two of them, for no path, and for more points than any sweep has", () => {
    assert.strictEqual(
      problemOf([{ path: "a", values: [1] }, { points: [{ a: 2 }] }]),
      'axes.1: "a" is on axis 0 as well'
    )
    assert.strictEqual(problemOf([{ points: [{}] }]), "axes.0: names no setting")
    const long = { path: "a", values: Array.from({ length: 400 }, (_, i) => i) } as const
    assert.strictEqual(
      problemOf([{ ...long, values: [0, ...long.values] }], 1000),
      "axes: these make 401000 points; a sweep has at most 100000"
    )
  })
})

describe("a plan", () => {
  const problem = (json: unknown) => Result.getOrThrow(Result.flip(decodeSweepPlan(json))).message

  it("is refused by the field at fault", () => {
    assert.strictEqual(problem({ name: "a", preset: "papre" }).split(":")[0], "preset")
    assert.strictEqual(problem({ name: "a", axis: [] }), "axis: there is no such setting")
    assert.include(problem({ name: "a", axes: [{ path: "a", values: [] }] }), "axes.0")
    assert.include(
      problem({ name: "a", axes: [{ random: 2, seed: 1, ranges: { x: { from: 2, to: 1 } } }] }),
      'must be greater than "from", which is 2'
    )
    assert.include(
      problem({ name: "a", axes: [{ random: 2, seed: 1, ranges: { x: { from: 0, to: 1, scale: "log" } } }] }),
      "must be greater than 0 on a log scale"
    )
    assert.strictEqual(
      problem({
        name: "a",
        axes: [
          { random: 2, seed: 1, ranges: { x: { from: 2, to: 1 } } },
          { path: "b", value: 1 }
        ]
      }),
      'axes.0.ranges.x.to: must be greater than "from", which is 2; axes.1.value: there is no such setting; axes.1.values: is missing'
    )
    assert.include(problem({ name: "n".repeat(300) }), "a name of at most 200 characters")
    assert.include(problem({ name: "a", module: "m.ts", preset: "paper" }), "says itself what is trained")
    assert.include(problem({ name: "a", stop: { bounds: [{ measure: "x", epoch: 1 }] } }), 'needs "most", "least"')
    assert.include(problem({ name: "a", stop: { bounds: [{ measure: "x", most: 1 }] } }), 'one of "epoch" and "update"')
  })
})
