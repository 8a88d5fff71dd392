import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { byAxisValue, byCombination } from "../../../../src/domain/sweep/aggregate.ts"
import { sweepPage } from "../../../../src/domain/sweep/page/sweepPage.ts"
import type { PointRow, SweepResults } from "../../../../src/domain/sweep/SweepResults.ts"
import { parallelCoordinates } from "../../../../src/layers/chart/parallelCoordinates.ts"
import { skeletonOf, textsOf } from "../../../support/htmlText.ts"

const best = { measure: "loss", goal: "lowest" } as const

const resultsOf = (points: ReadonlyArray<PointRow>, name = "rates"): SweepResults => ({
  format: "fovea-sweep",
  version: 1,
  name,
  createdAt: "2026-11-29T12:00:00.000Z",
  library: { name: "fovea", version: "0.1.0" },
  engine: "reference",
  best,
  plan: { name },
  axes: byAxisValue(points),
  combinations: byCombination(points, best),
  points
})

const rowOf = (i: number, changes: Partial<PointRow> = {}): PointRow => ({
  id: `point-${i}`,
  values: { "training.rate": 10 ** -(i % 4), "model.cell": i % 2 === 0 ? "plain" : "gru" },
  seed: i,
  standing: "trained",
  collapsed: false,
  update: 10,
  updates: 10,
  measures: { loss: i },
  attempts: 1,
  ...changes
})
const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => rowOf(i))

const pageOf = (results: SweepResults) => sweepPage({ results, curves: [], images: [], isMontage: false })

describe("the page of a sweep", () => {
  it("says how many were trained, what is best with its spread, and what went wrong", () => {
    const failed = rowOf(8, { standing: "failed", reason: "the disk is full", measures: {} })
    const page = pageOf(resultsOf([...rowsOf(8), failed, rowOf(9, { standing: "collapsed", collapsed: true })]))
    const texts = textsOf(page).join(" ").replaceAll(/\s+/g, " ")
    assert.include(texts, "8 of 10 points were trained to their end.")
    assert.include(texts, "The lowest loss has rate 1, cell plain: 2.0 ± 2.8 over 2 seeds.")
    assert.include(texts, "1 failed.")
    assert.include(texts, "1 collapsed.")
    assert.include(texts, "the disk is full")
  })

  it("shows any text as a text: none changes its structure", () => {
    const structure = (text: string) => {
      const rows = [...rowsOf(3), rowOf(3, { standing: "failed", reason: text, values: { [`a${text}`]: `b${text}` } })]
      return skeletonOf(pageOf(resultsOf(rows, text)))
    }
    const plain = structure("plain")
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) =>
        assert.deepStrictEqual(structure(text), plain)
      ),
      { numRuns: 20 }
    )
    assert.deepStrictEqual(structure('</td><script>alert("x")</script>'), plain)
  })

  it("folds what is many, and stays one page of a thousand points", () => {
    const page = pageOf(resultsOf(rowsOf(1000)))
    assert.include(page, "<summary>The other 960 points</summary>")
    assert.isBelow(page.length, 1e6)
  })

  it("draws each point as one line, those that were not trained to their end dashed and without an end", () => {
    const svg = parallelCoordinates([...rowsOf(6), rowOf(6, { standing: "collapsed" })], best)
    const lines = [...svg.matchAll(/<polyline points="([^"]*)"[^>]*>/g)]
    assert.strictEqual(lines.length, 7)
    const dashed = lines.filter(([line]) => line.includes("dasharray"))
    assert.deepStrictEqual(
      // Coordinates of two points.
      dashed.map(([, points = ""]) => points.split(" ").length),
      [4]
    )
    assert.notInclude(svg, "NaN")
    // Rates of four powers of ten: a logarithmic axis.
    assert.include(svg, "rate (log)")
  })
})
