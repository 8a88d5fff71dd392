import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type CurvePanel,
  learningCurves,
  type RecordedMetrics,
  runningMean,
  trainingPanels
} from "../../../src/layers/chart/learningCurves.ts"

const recordsOf = (count: number, value: (index: number) => number): ReadonlyArray<RecordedMetrics> =>
  Array.from({ length: count }, (_, i) => ({
    update: (i + 1) * 10,
    epoch: (i + 1) / 50,
    metrics: { discriminatorLoss: value(i), generatorLoss: value(i) / 2, realAccuracy: 0.5, generatedAccuracy: 0.25 }
  }))

const one: ReadonlyArray<CurvePanel> = [
  { title: "T", axis: "loss (nats)", curves: [{ metric: "discriminatorLoss", label: "D" }] }
]

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text)

/** The stroked paths that are curves: drawn in a curve's colour, without filling. */
const curvesOf = (svg: string, colour: string) =>
  [...svg.matchAll(/<path d="([^"]*)" fill="none"[^>]*>/g)].filter(([path]) => path.includes(`stroke="${colour}"`))

describe("learningCurves", () => {
  it("titles panels and axes, with units, and names the curves", () => {
    const texts = textsOf(learningCurves(recordsOf(20, Math.sin), trainingPanels(recordsOf(20, Math.sin))))
    for (const expected of [
      "Losses",
      "Discriminator&#39;s accuracy",
      "loss (nats)",
      "share judged rightly",
      "discriminator",
      "generator",
      "real images",
      "generated images"
    ]) {
      assert.strictEqual(texts.filter((text) => text === expected).length, 1, `${expected} in ${texts}`)
    }
    assert.strictEqual(texts.filter((text) => text === "epoch").length, 2)
  })

  it("of a training by the bound shows the bound, its parts, and nothing of players", () => {
    const records = recordsOf(5, Math.sin).map((record) => ({
      ...record,
      metrics: { bound: -95, logLikelihood: -70, divergence: 25, gradientNorm: 3 }
    }))
    assert.deepStrictEqual(
      trainingPanels(records).map(({ curves }) => curves.map(({ metric }) => metric)),
      [["bound", "logLikelihood"], ["divergence"], ["gradientNorm"]]
    )
    assert.notInclude(textsOf(learningCurves(records, trainingPanels(records))), "of the discriminator")
  })

  it("has a logarithmic panel of the gradients' norms of the players that clip theirs, in the players' colours", () => {
    const records = recordsOf(5, Math.sin).map(({ metrics, ...record }, i) => ({
      ...record,
      metrics: { ...metrics, generatorGradientNorm: 10 ** i }
    }))
    const [, , norms] = trainingPanels(records)
    assert.deepStrictEqual(
      norms?.curves.map(({ metric }) => metric),
      ["generatorGradientNorm"]
    )
    const svg = learningCurves(records, norms === undefined ? [] : [norms])
    // Powers of ten lie evenly on a logarithmic axis alone.
    for (const power of ["1", "10", "100", "1,000"]) assert.include(textsOf(svg), power)
    const [ofD, ofG] = ["#0072B2", "#D55E00"]
    assert.deepStrictEqual(
      [ofD, ofG].map((colour = "") => curvesOf(svg, colour).length),
      [0, 1]
    )
  })

  it("draws a short curve once, unsmoothed", () => {
    const svg = learningCurves(recordsOf(100, Math.sin), one)
    assert.strictEqual(curvesOf(svg, "#0072B2").length, 1)
    assert.notInclude(svg, "mean of")
  })

  it("draws a long curve smoothed, and faintly as it is, and says so", () => {
    const svg = learningCurves(recordsOf(2000, Math.sin), one)
    const opacities = curvesOf(svg, "#0072B2").map(([path]) => /stroke-opacity="([^"]*)"/.exec(path)?.[1])
    assert.deepStrictEqual(opacities, ["0.22", undefined])
    assert.include(textsOf(svg), "D (mean of 21 records)")
  })

  it("breaks a line where the metric is not finite", () => {
    const whole = learningCurves(
      recordsOf(20, (i) => i),
      one
    )
    const broken = learningCurves(
      recordsOf(20, (i) => (i === 10 ? Number.NaN : i)),
      one
    )
    const strokes = (svg: string) => curvesOf(svg, "#0072B2").flatMap(([, path]) => path?.match(/M/g) ?? []).length
    assert.strictEqual(strokes(whole), 1)
    assert.strictEqual(strokes(broken), 2)
    assert.notInclude(broken, "NaN")
  })

  it("is a function of its arguments, in whatever order the records come and however many came before", () => {
    const records = recordsOf(30, Math.cos)
    const svg = learningCurves(records, trainingPanels(records))
    assert.strictEqual(learningCurves(records, trainingPanels(records)), svg)
    assert.strictEqual(learningCurves(records.toReversed(), trainingPanels(records)), svg)
    const stale = records.slice(10).map((record) => ({ ...record, metrics: { discriminatorLoss: 100 } }))
    assert.strictEqual(learningCurves([...stale, ...records], trainingPanels(records)), svg)
  })

  it("takes no records, one record, and metrics that are nowhere", () => {
    for (const count of [0, 1]) {
      const records = recordsOf(count, Math.sin)
      const svg = learningCurves(records, trainingPanels(records), { width: 600, panelHeight: 200 })
      assert.match(svg, /^<svg width="600" height="400"/)
      assert.notInclude(svg, "NaN")
    }
    const nowhere: CurvePanel = { title: "T", axis: "a", curves: [{ metric: "nowhere", label: "N" }] }
    assert.include(textsOf(learningCurves(recordsOf(10, Math.sin), [nowhere])), "N")
    assert.throws(() => learningCurves([], []), RangeError)
  })
})

describe("runningMean", () => {
  // A sum that starts at 0 takes -0 to 0, which is none of the mean's business.
  const finite = fc.double({ min: -10, max: 10, noNaN: true }).map((value) => value + 0)
  const values = fc.array(finite, { minLength: 1, maxLength: 40 })
  const spans = fc.integer({ min: 0, max: 10 }).map((reach) => 2 * reach + 1)

  it("is the mean of what lies within its reach, and the curve itself over a span of one", () => {
    fc.assert(
      fc.property(values, spans, (series, span) => {
        const points = series.map((value, i) => [i, value] as const)
        for (const [epoch, mean] of runningMean(points, span)) {
          const near = series.slice(Math.max(0, epoch - (span - 1) / 2), epoch + (span - 1) / 2 + 1)
          assert.closeTo(mean, near.reduce((sum, value) => sum + value, 0) / near.length, 1e-9)
        }
        assert.deepStrictEqual(
          runningMean(points, 1).map(([, mean]) => mean),
          series
        )
      })
    )
  })

  it("leaves a gap where the value is not finite, and it alone out of its neighbours' means", () => {
    const points = [1, 2, Number.NaN, 4, 6].map((value, i) => [i, value] as const)
    assert.deepStrictEqual(
      runningMean(points, 3).map(([, mean]) => mean),
      [1.5, 1.5, Number.NaN, 5, 5]
    )
  })
})
