import { assert, describe, it } from "@effect/vitest"
import type { CallTree } from "../../../src/domain/explain/callTree.ts"
import { flameGraph } from "../../../src/layers/chart/flameGraph.ts"

const leaf = (name: string, weight: number): CallTree => ({ name, weight, children: [] })
const tree: CallTree = {
  name: "step",
  weight: 100,
  children: [
    { name: "forward", weight: 75, children: [leaf("matmul", 70), leaf("add", 4.99), leaf("tiny", 0.01)] },
    leaf("backward & <more>", 25)
  ]
}
const layout = { width: 1000, format: (weight: number) => `${weight} ms`, prefix: "flame" }

/** Fills of the boxes drawn, in order. */
const fills = (svg: string) => [...svg.matchAll(/fill="(#[0-9A-Fa-f]{6}|rgb\([^)]*\))"/g)].map(([, fill]) => fill)

describe("flameGraph", () => {
  const svg = flameGraph(tree, layout)

  it("draws each call as wide as its weight, and none of less than a pixel", () => {
    const widths = [...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)[lL]([\d.]+) /g)].map(([, x, , to]) => [
      Number(x),
      Number(to)
    ])
    assert.isAtLeast(widths.length, 5)
    assert.include(svg, "matmul  70 ms")
    assert.include(svg, "step  100 ms")
    assert.notInclude(svg, "tiny")
    assert.include(svg, "backward &amp; &lt;more&gt;")
  })

  it("is the same document for the same tree, whatever was drawn before, with names of its own", () => {
    assert.strictEqual(flameGraph(tree, layout), svg)
    assert.notMatch(svg, /zr\d/)
    assert.isAbove(fills(svg).length, 4)
  })

  it("cuts a name that has no room, and leaves it out where hardly a letter has", () => {
    const narrow = flameGraph(tree, { ...layout, width: 200 })
    assert.match(narrow, />back\w*…</)
    assert.notInclude(narrow, "backward &amp; &lt;more&gt;  25 ms")
    assert.notInclude(narrow, ">add")
  })
})
