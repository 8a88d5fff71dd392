import { assert, describe, it } from "@effect/vitest"
import {
  animationFigure,
  paperFiguresSection,
  shownFigures,
  shownPaths
} from "../../../src/domain/report/figuresSection.ts"
import { claimsFixture, experimentOf, figuresOf } from "../../support/resultsFixture.ts"

const names = ["figure-3.png", "figure-6.png", "figure-6.webp", "figure-8.png", "learning-curves.png"]
const under = (folder: string, files: ReadonlyArray<string>) => figuresOf(files.map((file) => `${folder}/${file}`))

const runs = [
  experimentOf("four-filters", 0.8, { figures: under("f", ["figure-7.png", ...names]) }),
  experimentOf("paper", 0.8, { seed: 1, figures: under("p1", ["figure-4.png", ...names]) }),
  experimentOf("paper", 0.8, { seed: 0, figures: under("p0", ["figure-4.png", ...names]) })
]

describe("shownFigures", () => {
  const shown = shownFigures(runs)
  const pathOf = (number: number) => shown.paper.find(({ about }) => about.number === number)?.shown?.figure.path

  it("takes a figure from the experiment that the paper made it with, and its first seed", () => {
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
    const alone = shownFigures(four === undefined ? [] : [four])
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

describe("paperFiguresSection", () => {
  const { markup } = paperFiguresSection(shownFigures(runs), new Map(), claimsFixture)
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
    const pictures = new Map(
      ["p0/figure-6.webp", "p0/figure-6.png"].map((path) => [path, { source: `data:${path}`, width: 1, height: 2 }])
    )
    const { markup } = animationFigure(shownFigures(runs), pictures)
    assert.match(markup, /<source media="\(prefers-reduced-motion: reduce\)" srcset="data:p0\/figure-6.png"/)
    assert.match(markup, /<img src="data:p0\/figure-6.webp"/)
    assert.strictEqual(animationFigure(shownFigures(runs), new Map()).markup, "")
  })
})
