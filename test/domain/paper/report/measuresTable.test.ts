import { assert, describe, it } from "@effect/vitest"
import { classesTable } from "../../../../src/domain/paper/report/classesTable.ts"
import { experimentGroups } from "../../../../src/domain/paper/report/experimentGroup.ts"
import { measuresTables } from "../../../../src/domain/paper/report/measuresTable.ts"
import type { ExperimentResult } from "../../../../src/domain/paper/report/Results.ts"
import { experimentOf, measuresOf, resultsFixture } from "../../../support/resultsFixture.ts"

const { references } = resultsFixture()

/** Cells of the rows that begin with a title, one list for each table; the best value stands in `*`. */
const rowsOf = (experiments: ReadonlyArray<ExperimentResult>, title: string) =>
  [...measuresTables(experimentGroups(experiments), references).markup.matchAll(/<tr>.*?<\/tr>/gs)]
    .map(([row]) => row)
    .filter((row) => row.includes(`<th scope="row">${title} `))
    .map((row) => [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = ""]) => cell.replace(/^<b>(.*)<\/b>$/, "*$1*")))

describe("measuresTables", () => {
  it("gives a single run's values, with the standard error of those that have one", () => {
    const measures = measuresOf(0.8, {
      frechetDistance: 31.234,
      kernelDistance: { value: 0.04717, standardError: 0.0008 },
      parzen: { logLikelihood: 224.61, standardError: 2.04, width: 0.2154 }
    })
    const [likeness = [], , pixels = []] = rowsOf([experimentOf("paper", 0.8, { measures })], "Proposed model")
    assert.deepStrictEqual(likeness.slice(0, 2), ["31.2", "0.04717 ± 0.00080"])
    assert.deepStrictEqual(pixels.slice(-2), ["224.6 ± 2.0", "0.215"])
  })

  it("gives the median of several seeds with the least and the greatest, as one row", () => {
    const seeds = [20, 30, 40].map((frechetDistance, seed) =>
      experimentOf("paper", 0.8, { seed, measures: measuresOf(0.8, { frechetDistance }) })
    )
    const rows = rowsOf(seeds, "Proposed model")
    assert.strictEqual(rows.length, 3)
    assert.strictEqual(rows[0]?.[0], "30 (20 to 40)")
  })

  it("sets apart the best of several by each measure's own goal, but neither ties nor references", () => {
    const at = (name: "paper" | "baseline", frechetDistance: number, precision: number, density: number) =>
      experimentOf(name, 0.8, { measures: measuresOf(0.8, { frechetDistance, precision, density }) })
    const both = [at("paper", 10, 0.5, 1.3), at("baseline", 20, 0.9, 0.9)]
    const [first = []] = rowsOf(both, "Proposed model")
    const [second = []] = rowsOf(both, "Baseline GAN")
    assert.deepStrictEqual([first[0], first[2], first[4]], ["*10*", "0.500", "1.30"])
    assert.deepStrictEqual([second[0], second[2], second[4]], ["20", "*0.900*", "*0.900*"])
    // Recall is the same for both.
    assert.strictEqual(first[3], second[3])
    assert.notInclude(first[3] ?? "", "*")
    assert.notInclude(rowsOf(both, "Test images").flat().join(), "*")
    assert.notInclude(rowsOf(both.slice(0, 1), "Proposed model").flat().join(), "*")
  })

  it("passes over values that are none when it looks for the best", () => {
    const lost = experimentOf("baseline", 0.7, { measures: measuresOf(0.7, { frechetDistance: Number.NaN }) })
    const runs = [lost, experimentOf("paper", 0.8), experimentOf("four-filters", 0.9)]
    assert.strictEqual(rowsOf(runs, "Baseline GAN")[0]?.[0], "not a number")
    assert.match(rowsOf(runs, "4 × 4 filters")[0]?.[0] ?? "", /^\*.*\*$/)
  })

  it("lets collapsed experiments not compete, however good a number is", () => {
    const precise = (precision: number) => measuresOf(0.5, { precision })
    const runs = [
      experimentOf("paper", 0.8, { measures: precise(0.8) }),
      experimentOf("baseline", 0.7, { measures: precise(0.7) }),
      experimentOf("zero-canvas", 0.1, { measures: precise(1), collapsed: true })
    ]
    assert.strictEqual(rowsOf(runs, "Proposed model")[0]?.[2], "*0.800*")
    assert.strictEqual(rowsOf(runs, "Canvas from zero")[0]?.[2], "1")
  })
})

describe("classesTable", () => {
  it("gives mean shares in per cent over bars that end at the cell's height", () => {
    const seeds = [0.2, 0.4].map((share, seed) =>
      experimentOf("paper", 1, { seed, measures: measuresOf(1, { classHistogram: [share, 0.5, 0.3 - share + 0.2] }) })
    )
    const { markup } = classesTable(experimentGroups(seeds), measuresOf(1, { classHistogram: [0.1, 0.2, 0.7] }))
    const cells = [...markup.matchAll(/<td style="--bar: (\d+)%">([^<]*)<\/td>/g)].map(([, bar, text]) => [bar, text])
    assert.deepStrictEqual(cells, [
      ["25", "10"],
      ["50", "20"],
      ["100", "70"],
      ["75", "30"],
      ["100", "50"],
      ["50", "20"]
    ])
  })
})
