import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { byAxisValue, byCombination, ranked, spreadOf } from "../../../src/domain/sweep/aggregate.ts"
import type { PointRow } from "../../../src/domain/sweep/SweepResults.ts"
import { sweepCsv } from "../../../src/domain/sweep/sweepCsv.ts"

const rowOf = (seed: number, values: PointRow["values"], loss: number, changes: Partial<PointRow> = {}): PointRow => ({
  id: `${JSON.stringify(values)}-${seed}`,
  values,
  seed,
  standing: "trained",
  collapsed: false,
  update: 10,
  updates: 10,
  measures: { loss },
  attempts: 1,
  ...changes
})
const rows = [
  rowOf(0, { rate: 0.2, kind: "a" }, 4),
  rowOf(1, { rate: 0.2, kind: "a" }, 6),
  rowOf(0, { rate: 0.1, kind: "a" }, 1, { collapsed: true }),
  rowOf(0, { rate: 0.1, kind: "b" }, 0, { standing: "failed", reason: 'no "room", none' })
]
const best = { measure: "loss", goal: "lowest" } as const

describe("results of a sweep", () => {
  it("have mean, spread and count for every value of an axis, and count what collapsed and failed", () => {
    const [rate] = byAxisValue(rows)
    assert.deepStrictEqual(rate, {
      path: "rate",
      groups: [
        {
          values: { rate: 0.1 },
          points: 2,
          standings: { trained: 1, failed: 1 },
          collapsed: 1,
          measures: { loss: { mean: 1, n: 1 } }
        },
        {
          values: { rate: 0.2 },
          points: 2,
          standings: { trained: 2 },
          collapsed: 0,
          measures: { loss: { mean: 5, deviation: Math.SQRT2, n: 2 } }
        }
      ]
    })
  })

  it("rank combinations and points, those that were not trained last", () => {
    assert.deepStrictEqual(
      byCombination(rows, best).map(({ values, points }) => [values["rate"], values["kind"], points]),
      [
        [0.1, "a", 1],
        [0.2, "a", 2],
        [0.1, "b", 1]
      ]
    )
    assert.deepStrictEqual(
      ranked(rows, { ...best, goal: "highest" }).map(({ measures }) => measures["loss"]),
      [6, 4, 1, 0]
    )
  })

  it("look at many different numbers in ranges that miss no point", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 13, maxLength: 60 }), (rates) => {
        const [axis] = byAxisValue(rates.map((rate, i) => rowOf(i, { rate }, rate)))
        const points = axis?.groups.reduce((sum, group) => sum + group.points, 0)
        assert.strictEqual(points, rates.length)
        assert.isAtMost(axis?.groups.length ?? 0, 12)
      }),
      { numRuns: 50 }
    )
  })

  it("have the spread of a sample", () => {
    assert.isUndefined(spreadOf([]))
    assert.deepStrictEqual(spreadOf([2, 4, 9]), { mean: 5, deviation: Math.sqrt(13), n: 3 })
  })

  it("are written as CSV, with quotes where they are needed", () => {
    const lines = sweepCsv(rows).split("\r\n")
    assert.strictEqual(lines[0], "id,seed,rate,kind,standing,collapsed,update,updates,loss,seconds,attempts,reason")
    assert.include(lines[4] ?? "", ',0,0.1,b,failed,false,10,10,0,,1,"no ""room"", none"')
  })
})
