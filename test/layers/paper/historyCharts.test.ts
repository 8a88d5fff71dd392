import { assert, describe, it } from "@effect/vitest"
import type { ExperimentResult } from "../../../src/domain/paper/report/Results.ts"
import { courseCharts } from "../../../src/layers/paper/historyCharts.ts"
import { courseMeasuresOf, experimentOf, resultsFixture } from "../../support/resultsFixture.ts"

const courseOf = (points: ReadonlyArray<readonly [epoch: number, frechetDistance: number]>) =>
  points.map(([epoch, frechetDistance]) => ({
    epoch,
    update: 500 * epoch,
    measures: { ...courseMeasuresOf(0.5), frechetDistance }
  }))

const frechetOf = (experiments: ReadonlyArray<ExperimentResult>): string =>
  courseCharts(resultsFixture({ experiments }))[0]?.svg ?? ""

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)

/** Stroked lines in a colour: of the given opacity, or opaque. */
const linesOf = (svg: string, colour: string, opacity?: string) =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"[^>]*>/g)].filter(
    ([path, d = ""]) =>
      d.includes("L") && path.includes(`stroke="${colour}"`) && /stroke-opacity="([^"]*)"/.exec(path)?.[1] === opacity
  )

describe("courseCharts", () => {
  it("draws each measure over the epochs, a line for each experiment and one for the test images", () => {
    const charts = courseCharts(resultsFixture())
    assert.strictEqual(charts.length, 6)
    for (const { svg } of charts) {
      const texts = textsOf(svg)
      for (const label of [
        "Proposed model",
        "Baseline GAN",
        "4 × 4 filters",
        "Canvas from zero",
        "test images",
        "epoch"
      ]) {
        assert.include(texts, label)
      }
      assert.match(svg, /stroke-dasharray/)
      assert.notInclude(svg, "NaN")
    }
    const names = charts.flatMap(({ svg }) => [...new Set([...svg.matchAll(/\bid="([^"]*)"/g)].map(([, id]) => id))])
    assert.strictEqual(new Set(names).size, names.length, "two charts of a page share a name")
  })

  it("keeps an experiment's colour when one before it has no points", () => {
    const runs = [experimentOf("paper", 0.8, { course: [] }), experimentOf("baseline", 0.7)]
    assert.strictEqual(linesOf(frechetOf(runs), "#D55E00").length, 1)
    assert.strictEqual(linesOf(frechetOf(runs), "#0072B2").length, 0)
  })

  it("draws the mean of seeds, at the epochs that all have, before each of them faintly", () => {
    const seeds = [
      experimentOf("paper", 0.8, {
        seed: 0,
        course: courseOf([
          [1, 100],
          [2, 50],
          [3, 20]
        ])
      }),
      experimentOf("paper", 0.8, {
        seed: 1,
        course: courseOf([
          [1, 300],
          [2, 150]
        ])
      })
    ]
    const svg = frechetOf(seeds)
    assert.strictEqual(linesOf(svg, "#0072B2", "0.22").length, 2)
    assert.strictEqual(linesOf(svg, "#0072B2").length, 1)
    const points = (d = "") => d.split(/[ML]/).length - 1
    assert.strictEqual(points(linesOf(svg, "#0072B2")[0]?.[1]), 2)
  })

  it("leaves gaps for what is not finite or, on the logarithmic axis, not positive", () => {
    const course = courseOf([
      [1, 10],
      [2, 0],
      [3, 5],
      [4, Number.NaN],
      [5, 5],
      [6, 4]
    ])
    const svg = frechetOf([experimentOf("paper", 0.8, { course })])
    assert.notInclude(svg, "NaN")
    assert.notInclude(svg, "Infinity")
    // Of the four values that are left only the last two are neighbours.
    const [line = []] = linesOf(svg, "#0072B2")
    assert.strictEqual(line[1]?.match(/L/g)?.length, 1)
  })

  it("draws nothing where nothing was followed", () => {
    assert.deepStrictEqual(courseCharts(resultsFixture({ experiments: [] })), [])
  })
})
