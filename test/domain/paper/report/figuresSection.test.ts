import { assert, describe, it } from "@effect/vitest"
import {
  animationFigure,
  paperFiguresSection,
  shownFigures,
  shownPaths
} from "../../../../src/domain/paper/report/figuresSection.ts"
import { claimsFixture, experimentOf, figuresOf } from "../../../support/resultsFixture.ts"

const names = ["figure-3.png", "figure-6.png", "figure-6.webp", "figure-8.png", "learning-curves.png"]
const under = (folder: string, files: ReadonlyArray<string>) => figuresOf(files.map((file) => `${folder}/${file}`))

const runs = [
  experimentOf("four-filters", 0.8, { figures: under("f", ["figure-7.png", ...names]) }),
  experimentOf("paper", 0.8, { seed: 1, figures: under("p1", ["figure-4.png", ...names]) }),
  experimentOf("paper", 0.8, { seed: 0, figures: under("p0", ["figure-4.png", ...names]) })
]

describe("shownFigures", () => {
  const shown = shownFigures({ experiments: runs })
  const pathOf = (number: number) => shown.paper.find(({ about }) => about.number === number)?.shown?.figure.path

  it("takes a figure from the experiment that the paper made it with, and the seed that is shown of it", () => {
    assert.deepStrictEqual([4, 6, 7, 8].map(pathOf), [
      "p0/figure-4.png",
      "p0/figure-6.png",
      "f/figure-7.png",
      "p0/figure-8.png"
    ])
    assert.strictEqual(shown.animation?.figure.path, "p0/figure-6.webp")
    assert.strictEqual(pathOf(5), undefined)
  })

  it("takes it from another experiment if that one has not drawn it", () => {
    const [four] = runs
    const alone = shownFigures({ experiments: four === undefined ? [] : [four] })
    assert.strictEqual(alone.paper.find(({ about }) => about.number === 8)?.shown?.figure.path, "f/figure-8.png")
    assert.strictEqual(alone.animation?.figure.path, "f/figure-6.webp")
  })

  it("shows what is left over once, without learning curves, a second figure 3 or other seeds", () => {
    assert.deepStrictEqual(
      shown.further.map(({ figure }) => figure.path),
      ["f/figure-6.png", "f/figure-8.png", "f/figure-6.webp"]
    )
    const paths = shownPaths(shown)
    assert.strictEqual(new Set(paths).size, paths.length)
    assert.isTrue(paths.every((path) => !path.startsWith("p1/")))
  })
})

describe("shownFigures with the modern preset", () => {
  const modern = experimentOf("modern", 0.9, { figures: under("m", ["figure-4.png", ...names]) })
  const shown = shownFigures({ experiments: [...runs, modern] })

  it("has its animation on top, its samples and steps apart, and the paper's figures by the paper's own model", () => {
    assert.strictEqual(shown.animation?.figure.path, "m/figure-6.webp")
    assert.deepStrictEqual(
      shown.modern.map(({ figure }) => figure.path),
      ["m/figure-4.png", "m/figure-6.png"]
    )
    const own = shown.paper.map((one) => one.shown?.figure.path).filter((path) => path?.startsWith("p0/"))
    assert.deepStrictEqual(own, ["p0/figure-4.png", "p0/figure-6.png", "p0/figure-8.png"])
    const paths = shownPaths(shown)
    assert.strictEqual(new Set(paths).size, paths.length)
  })

  it("says under the animation whose it is, and stands still on the same model's steps", () => {
    const images = new Map(shownPaths(shown).map((path) => [path, { source: `data:${path}`, width: 1, height: 2 }]))
    const { markup } = animationFigure(shown, images)
    assert.include(markup, "<strong>Modern preset.</strong>")
    assert.include(markup, 'srcset="data:m/figure-6.png"')
    assert.notInclude(markup, "the classifier reads", "results from before this was measured say nothing of it")
    const measured = { ...modern, measures: { ...modern.measures, legible: 0.874, count: 2000 } }
    const told = animationFigure(shownFigures({ experiments: [measured] }), images).markup
    assert.include(told, "Of 2,000 samples, the classifier reads 87.4% with a confidence over 0.9.")
  })

  it("shows each of its figures once where nothing else was trained", () => {
    const alone = shownFigures({ experiments: [modern] })
    assert.deepStrictEqual(alone.modern, [])
    assert.strictEqual(alone.paper.find(({ about }) => about.number === 4)?.shown?.figure.path, "m/figure-4.png")
  })
})

describe("shownFigures of systems", () => {
  const experiments = [
    experimentOf("paper", 0.8, { figures: under("p", ["figure-4.png", ...names]) }),
    experimentOf("draw", 0.8, { figures: under("d", ["samples.png", ...names]) }),
    experimentOf("vae", 0.8, { figures: under("v", ["samples.png", "reconstructions.png"]) })
  ]
  const shown = shownFigures({ experiments, systems: [] })

  it("has the samples of all side by side, and only there", () => {
    assert.deepStrictEqual(
      shown.systems.map(({ figure }) => figure.path),
      ["p/figure-4.png", "d/samples.png", "v/samples.png"]
    )
    const paths = shownPaths(shown)
    assert.strictEqual(new Set(paths).size, paths.length)
    assert.include(paths, "v/reconstructions.png")
  })

  it("says nothing of figures that none of its experiments draws", () => {
    assert.deepStrictEqual(
      shown.paper.map(({ about, shown: drawn }) => [about.number, drawn?.figure.path]),
      [
        [3, "p/figure-3.png"],
        [6, "p/figure-6.png"],
        [8, "p/figure-8.png"],
        [9, undefined],
        [10, undefined]
      ]
    )
  })
})

describe("paperFiguresSection", () => {
  const { markup } = paperFiguresSection(shownFigures({ experiments: runs }), new Map(), claimsFixture)
  const figures = markup.split("<figure").slice(1)

  it("shows all eight figures, and says what was not drawn and what cannot be read", () => {
    assert.strictEqual(figures.length, 8)
    assert.include(figures.find((figure) => figure.includes("Figure 5.")) ?? "", "has not been drawn yet")
    assert.include(figures.find((figure) => figure.includes("Figure 4.")) ?? "", "p0/figure-4.png could not be read")
  })

  it("links the claims that rest on a figure", () => {
    const links = figures.map((figure) => [...figure.matchAll(/href="#(claim-\d)"/g)].map(([, link]) => link).join())
    assert.deepStrictEqual(links, ["", "claim-1", "claim-1", "claim-2", "claim-3", "claim-4", "claim-4", "claim-5"])
  })
})

describe("animationFigure", () => {
  it("stands still for readers who asked for less motion", () => {
    const images = new Map(
      ["p0/figure-6.webp", "p0/figure-6.png"].map((path) => [path, { source: `data:${path}`, width: 1, height: 2 }])
    )
    const { markup } = animationFigure(shownFigures({ experiments: runs }), images)
    assert.match(markup, /<source media="\(prefers-reduced-motion: reduce\)" srcset="data:p0\/figure-6.png"/)
    assert.match(markup, /<img src="data:p0\/figure-6.webp"/)
    assert.strictEqual(animationFigure(shownFigures({ experiments: runs }), new Map()).markup, "")
  })
})
