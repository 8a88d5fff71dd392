import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { accuracy, crossEntropy } from "../../../src/domain/objective/crossEntropy.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { assertClose, assertFinite } from "../../support/assertClose.ts"
import { evaluateNamed, evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"

type Rows = ReadonlyArray<ReadonlyArray<number>>

/** A batch: logits within the bound, and the class of each row. */
const batches = (bound: number) =>
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })).chain(([batch, classes]) =>
    fc.record({
      logits: fc.array(
        fc.array(fc.double({ min: -bound, max: bound, noNaN: true }), { minLength: classes, maxLength: classes }),
        { minLength: batch, maxLength: batch }
      ),
      labels: fc.array(fc.nat(classes - 1), { minLength: batch, maxLength: batch })
    })
  )

const tensor = (rows: Rows): Tensor =>
  constant(tensorData([rows.length, rows[0]?.length ?? 0], Float64Array.from(rows.flat())))

const oneHot = (logits: Rows, labels: ReadonlyArray<number>): Tensor =>
  tensor(logits.map((row, n) => row.map((_, c) => (c === labels[n] ? 1 : 0))))

const number = (x: Tensor): number => {
  assert.deepStrictEqual(x.shape, [])
  return evaluateOne(x)[0] ?? Number.NaN
}

const softmaxOf = (row: ReadonlyArray<number>): ReadonlyArray<number> => {
  const powers = row.map(Math.exp)
  return powers.map((power) => power / powers.reduce((total, p) => total + p, 0))
}

const meanOf = (values: ReadonlyArray<number>): number => values.reduce((sum, v) => sum + v, 0) / values.length

describe("crossEntropy", () => {
  it("is the mean of -log p of the right class", () => {
    fc.assert(
      fc.property(batches(15), ({ logits, labels }) => {
        const expected = meanOf(logits.map((row, n) => -Math.log(softmaxOf(row)[labels[n] ?? -1] ?? Number.NaN)))
        assert.closeTo(number(crossEntropy(tensor(logits), oneHot(logits, labels))), expected, 1e-10)
      })
    )
  })

  it("does not change when a row of logits is shifted", () => {
    fc.assert(
      fc.property(batches(15), fc.double({ min: -1e3, max: 1e3, noNaN: true }), ({ logits, labels }, shift) => {
        const shifted = logits.map((row, n) => (n === 0 ? row.map((l) => l + shift) : row))
        const before = number(crossEntropy(tensor(logits), oneHot(logits, labels)))
        assert.closeTo(number(crossEntropy(tensor(shifted), oneHot(logits, labels))), before, 1e-10)
      })
    )
  })

  it("is log n where nothing is known of n classes", () => {
    const rows = [new Array<number>(10).fill(3), new Array<number>(10).fill(-7)]
    assert.closeTo(number(crossEntropy(tensor(rows), oneHot(rows, [2, 9]))), Math.log(10), 1e-14)
  })

  it("is linear in labels that are not one-hot", () => {
    const logits = tensor([[1, -2, 0.5]])
    const of = (label: ReadonlyArray<number>) => number(crossEntropy(logits, tensor([label])))
    assert.closeTo(of([0.2, 0.3, 0.5]), 0.2 * of([1, 0, 0]) + 0.3 * of([0, 1, 0]) + 0.5 * of([0, 0, 1]), 1e-14)
  })

  it("has the gradient (p - y) / batch", () => {
    fc.assert(
      fc.property(batches(15), ({ logits, labels }) => {
        const given = placeholder("logits", [logits.length, logits[0]?.length ?? 0])
        const found = evaluateOne(gradient(crossEntropy(given, oneHot(logits, labels)), given), {
          logits: logits.flat()
        })
        const expected = logits.flatMap((row, n) =>
          softmaxOf(row).map((p, c) => (p - (c === labels[n] ? 1 : 0)) / logits.length)
        )
        assertClose(found, expected, 1e-12)
      })
    )
  })

  it("has the gradient of its formula, by finite differences", () => {
    fc.assert(
      // Where two logits are nearly equal the greatest one changes, which is a kink of a part but not of the whole.
      fc.property(batches(6), ({ logits, labels }) => {
        const given = { logits: placeholder("logits", [logits.length, logits[0]?.length ?? 0]) }
        assertGradient(crossEntropy(given.logits, oneHot(logits, labels)), given, { logits: logits.flat() })
      }),
      { numRuns: 30 }
    )
  })

  it("stays finite for logits of +-10,000, and linear there, with its gradient", () => {
    const given = placeholder("logits", [2, 2])
    const loss = crossEntropy(
      given,
      tensor([
        [0, 1],
        [0, 1]
      ])
    )
    const computed = evaluateNamed([loss, gradient(loss, given)], { logits: [1e4, -1e4, -1e4, 1e4] })
    computed.forEach((values, i) => {
      assertFinite(values, `result ${i}`)
    })
    assert.deepStrictEqual(
      computed.map((values) => Array.from(values, (value) => value + 0)),
      [[10_000], [0.5, -0.5, 0, 0]]
    )
  })
})

describe("accuracy", () => {
  it("is the share of rows whose greatest logit is that of their class", () => {
    const logits = fc.array(fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 6
    })
    fc.assert(
      fc.property(logits, fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }), (rows, labels) => {
        const right = rows.filter((row, n) => row.indexOf(Math.max(...row)) === labels[n]).length
        assert.closeTo(number(accuracy(tensor(rows), oneHot(rows, labels))), right / rows.length, 1e-15)
      })
    )
  })

  it("counts a class that shares the greatest logit", () => {
    const rows = [[2, 2, 1]]
    assert.deepStrictEqual(
      [0, 1, 2].map((label) => number(accuracy(tensor(rows), oneHot(rows, [label])))),
      [1, 1, 0]
    )
  })
})
