import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { courseBuilder } from "../../../src/domain/watch/Course.ts"

const record = (update: number, loss: number) => ({
  update,
  epoch: update / 10,
  time: update * 1000,
  metrics: { loss }
})

describe("the course of a run", () => {
  it("is every record, where they are few", () => {
    const builder = courseBuilder(10)
    for (const update of [1, 2, 3]) builder.add(record(update, update * 2))
    assert.deepStrictEqual(builder.course(10), {
      updates: [1, 2, 3],
      epochs: [0.1, 0.2, 0.3],
      times: [1000, 2000, 3000],
      metrics: { loss: { mean: [2, 4, 6], low: [2, 4, 6], high: [2, 4, 6], gaps: [] } }
    })
  })

  it("never has more points than asked for, and loses no extreme, no end and no mean of all", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 2, max: 20 }),
        (values, held, shown) => {
          const builder = courseBuilder(held)
          for (const [i, value] of values.entries()) builder.add(record(i + 1, value))
          const { updates, metrics } = builder.course(shown)
          assert.isAtMost(updates.length, Math.min(held, shown))
          assert.strictEqual(updates.at(-1), values.length)
          assert.deepStrictEqual(
            updates,
            updates.toSorted((a, b) => a - b)
          )
          const { low = [], high = [] } = metrics["loss"] ?? {}
          assert.strictEqual(Math.max(...high.map(Number)), Math.max(...values))
          assert.strictEqual(Math.min(...low.map(Number)), Math.min(...values))
        }
      ),
      { numRuns: 200 }
    )
  })

  it("forgets what a resumed run goes over again", () => {
    const builder = courseBuilder(100)
    for (const update of [1, 2, 3, 4]) builder.add(record(update, update))
    builder.forgetAfter(2)
    builder.add(record(3, 30))
    assert.deepStrictEqual(builder.course(100).metrics["loss"]?.mean, [1, 2, 30])
    builder.add(record(2, 20))
    assert.deepStrictEqual(builder.course(100).updates, [1, 2])
    assert.deepStrictEqual(builder.course(100).metrics["loss"]?.mean, [1, 20])
  })

  it("has gaps where nothing finite was measured, or a metric not at all", () => {
    const builder = courseBuilder(100)
    builder.add({ update: 1, epoch: 1, time: 0, metrics: { loss: Number.NaN, ["__proto__"]: 7 } })
    builder.add({ update: 2, epoch: 2, time: 0, metrics: { loss: 1, accuracy: 0.5 } })
    const { metrics } = builder.course(100)
    assert.deepStrictEqual(metrics["loss"]?.mean, [null, 1])
    assert.deepStrictEqual(metrics["loss"]?.gaps, [0])
    assert.deepStrictEqual(metrics["accuracy"]?.gaps, [])
    assert.deepStrictEqual(metrics["accuracy"]?.mean, [null, 0.5])
  })

  it("joins what was measured of one update by different records", () => {
    const builder = courseBuilder(4)
    for (const update of [1, 2, 3, 4, 5, 6]) {
      builder.add(record(update, update))
      if (update % 3 === 0) builder.add({ ...record(update, 0), metrics: { distance: update } })
    }
    const { updates, metrics } = builder.course(4)
    assert.strictEqual(updates.at(-1), 6)
    assert.strictEqual(metrics["loss"]?.high.at(-1), 6)
    assert.deepStrictEqual(
      metrics["distance"]?.mean.filter((value) => value !== null),
      [3, 6]
    )
  })

  it("leaves metrics out that are too many", () => {
    const builder = courseBuilder(10, 2)
    builder.add({ update: 1, epoch: 1, time: 0, metrics: { a: 1, b: 2, c: 3 } })
    assert.deepStrictEqual(Object.keys(builder.course(10).metrics), ["a", "b"])
  })
})
