import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { EmbeddedImage } from "../../../../src/domain/image/imageFile.ts"
import type { Chart } from "../../../../src/domain/page/charts.ts"
import type { Results } from "../../../../src/domain/paper/report/Results.ts"
import { reportPage } from "../../../../src/domain/paper/report/reportPage.ts"
import { skeletonOf, textsOf } from "../../../support/htmlText.ts"
import { experimentOf, figuresOf, resultsFixture } from "../../../support/resultsFixture.ts"

const chart = (title: string): Chart => ({ title, description: "how to read it", svg: `<svg viewBox="0 0 1 1"></svg>` })

const image: EmbeddedImage = { source: "data:image/png;base64,AAAA", width: 840, height: 1302 }

const paths = ["a/figure-3.png", "a/figure-4.png", "a/figure-6.png", "a/figure-6.webp", "a/figure-8.png", "a/odd.png"]

/** Results of one experiment in which every text that can be any is the given one. */
const resultsSaying = (text: string): Results => {
  const whole = resultsFixture()
  const [claim] = whole.claims
  const figures = figuresOf(paths).map((figure) => ({ ...figure, caption: text }))
  return {
    ...whole,
    name: text,
    createdAt: text,
    library: { name: text, version: text },
    machine: { processor: text, cores: 2, memoryGiB: 24 },
    dataset: { name: text, digests: { file: text } },
    experiments: [
      experimentOf("paper", 0.8, { name: text, settings: { setting: text }, metrics: { loss: 1 }, figures }),
      experimentOf("baseline", 0.7, {
        settings: { setting: `${text}!` },
        metrics: {},
        figures: [{ name: "figure-5", path: text, caption: text }]
      })
    ],
    claims:
      claim === undefined
        ? []
        : [{ ...claim, id: text, statement: text, reason: text, measures: [{ name: text, value: 1 }] }],
    missing: [text]
  }
}

const pageOf = (results: Results): string =>
  reportPage({
    results,
    images: new Map(paths.map((path) => [path, image])),
    courses: [chart("courses")],
    learning: [chart("learning")]
  })

describe("reportPage", () => {
  it("shows every text of the results as a text: none changes the page's structure", () => {
    const harmless = skeletonOf(pageOf(resultsSaying("harmless")))
    const texts = fc.oneof(
      fc.string({ minLength: 1 }),
      fc
        .array(
          fc.constantFrom("<", ">", '"', "'", "&", " onload=", "</style>", "<script>", "</td>", "--", "&lt;", "x"),
          {
            minLength: 1
          }
        )
        .map((parts) => parts.join(""))
    )
    fc.assert(
      fc.property(texts, (text) => {
        const page = pageOf(resultsSaying(`~${text}~`))
        assert.deepStrictEqual(skeletonOf(page), harmless)
        const said = textsOf(page).filter((piece) => piece.includes(`~${text}~`))
        // Title, facts, notice, claim, captions, alternatives, settings and the making: many places.
        assert.isAbove(said.length, 25)
      }),
      { numRuns: 25 }
    )
  })

  it("has no script, and asks nothing of the network", () => {
    const page = pageOf(resultsFixture())
    assert.notMatch(page, /<script|<link|<iframe|<object|@import|url\(|https?:\/\/(?!www\.w3\.org\/)/i)
    assert.include(page, "default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    for (const [, source = ""] of page.matchAll(/\ssrc(?:set)?="([^"]*)"/g)) assert.match(source, /^data:image\//)
  })

  it("has ids once each, and links only to them", () => {
    const page = pageOf(resultsFixture({ experiments: resultsSaying("x").experiments }))
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    assert.strictEqual(new Set(ids).size, ids.length)
    const targets = [...page.matchAll(/\shref="#([^"]*)"/g)].map(([, target]) => target)
    assert.isAbove(targets.length, 20)
    for (const target of targets) assert.include(ids, target)
  })

  it("begins with the claims, and says how each of them fared", () => {
    const page = pageOf(resultsFixture())
    const headings = [...page.matchAll(/<h2>([^<]*)<\/h2>/g)].map(([, heading]) => heading)
    assert.deepStrictEqual(headings, [
      "Claims",
      "Measures",
      "Figures",
      "Over the epochs",
      "Experiments and settings",
      "How this was made"
    ])
    assert.include(page, "Of 6 claims 4 hold, 1 does not hold and 1 is unclear.")
    assert.include(textsOf(page), "31.2 ± 8.4")
    assert.include(textsOf(page), "0.9631 ± 0.0041")
  })

  it("shows the modern preset's images apart, and says that they are not by the paper's settings", () => {
    const figures = figuresOf(["m/figure-4.png", "m/figure-6.png", "m/figure-6.webp"])
    const paper = experimentOf("paper", 0.8, { figures: figuresOf(paths) })
    const page = pageOf(resultsFixture({ experiments: [paper, experimentOf("modern", 0.9, { figures })] }))
    const section = page.slice(page.indexOf('id="modern"'), page.indexOf('id="measures"'))
    assert.include(section, "These are not the paper’s settings")
    assert.include(section, "Modern preset, figure 4.")
    assert.notInclude(pageOf(resultsFixture()), "What the idea can do")
  })

  it("warns on top of a quick run and of what is missing, and of nothing where all is there", () => {
    assert.notInclude(pageOf(resultsFixture()), 'class="notice"')
    assert.include(pageOf(resultsFixture({ name: "quick" })), "A quick run.")
    const page = pageOf(resultsFixture({ missing: ["baseline, seed 0: not begun"] }))
    assert.include(textsOf(page), "baseline, seed 0: not begun")
    assert.isBelow(page.indexOf("not begun"), page.indexOf("<h2>Claims"))
    const unfinished = pageOf(resultsFixture({ experiments: [experimentOf("paper", 0.5, { updates: 12_000 })] }))
    assert.include(textsOf(unfinished), "Proposed model, seed 0: measured after 12,000 of 24,500 updates.")
  })

  it("is made of nothing but references as well", () => {
    const page = reportPage({
      results: resultsFixture({ experiments: [], claims: [], missing: ["everything"] }),
      images: new Map(),
      courses: [],
      learning: []
    })
    assert.include(page, "Nothing has been trained yet.")
    assert.notInclude(page, "NaN")
    assert.notInclude(page, "undefined")
  })

  it("tells how to make it again", () => {
    const seeds = [0, 1, 2].map((seed) => experimentOf("paper", 0.8, { seed }))
    assert.include(textsOf(pageOf(resultsFixture())), "npm run reproduce")
    const page = pageOf(resultsFixture({ name: "quick", experiments: seeds }))
    assert.include(textsOf(page), "npm run reproduce -- --quick --replicas 3")
  })
})
