import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { batchIndices, epochOrder, positionOfUpdate, updatesPerEpoch } from "../../../src/domain/data/epochOrder.ts"

describe("updatesPerEpoch", () => {
  it("is 500 for the paper", () => {
    assert.strictEqual(updatesPerEpoch(50_000, 100), 500)
  })

  it("drops the remainder", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 50 }), (count, batchSize) => {
        const updates = updatesPerEpoch(count, batchSize)
        assert.isAtMost(updates * batchSize, count)
        assert.isAbove((updates + 1) * batchSize, count)
      })
    )
  })

  it.each([
    [10, 0],
    [10, 1.5],
    [-1, 5]
  ])("throws for %d images in batches of %d", (count, batchSize) => {
    assert.throws(() => updatesPerEpoch(count, batchSize), RangeError, `batches of ${batchSize}`)
  })
})

describe("epochOrder", () => {
  it("holds each image once, in an order of its own for each seed and epoch", () => {
    const orders = [epochOrder(1, 0, 40), epochOrder(1, 1, 40), epochOrder(2, 0, 40)]
    for (const order of orders) {
      assert.deepStrictEqual(
        Array.from(order.slice().sort()),
        Array.from({ length: 40 }, (_, i) => i)
      )
    }
    assert.strictEqual(new Set(orders.map((order) => order.join())).size, 3)
    assert.deepStrictEqual(epochOrder(1, 0, 40), orders[0])
  })
})

describe("positionOfUpdate", () => {
  it("counts updates through the epochs", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1000 }), (update, perEpoch) => {
        const { epoch, position } = positionOfUpdate(update, perEpoch)
        assert.strictEqual(epoch * perEpoch + position, update)
        assert.isBelow(position, perEpoch)
      })
    )
  })

  it("puts each update into an epoch of its own where an epoch has one", () => {
    assert.deepStrictEqual(positionOfUpdate(3, 1), { epoch: 3, position: 0 })
    assert.deepStrictEqual(positionOfUpdate(0, 1), { epoch: 0, position: 0 })
  })

  it("throws where there is no such update", () => {
    assert.throws(() => positionOfUpdate(-1, 5), RangeError, "no update -1")
    assert.throws(() => positionOfUpdate(0, 0), RangeError, "epochs of 0")
  })
})

describe("batchIndices", () => {
  it("cuts an epoch into batches that share no image", () => {
    const order = epochOrder(3, 0, 23)
    const joined = [0, 1, 2, 3].flatMap((position) => [...batchIndices(order, position, 5)])
    assert.deepStrictEqual(joined, [...order.slice(0, 20)])
    assert.throws(() => batchIndices(order, 4, 5), RangeError, "no batch 4")
  })
})
