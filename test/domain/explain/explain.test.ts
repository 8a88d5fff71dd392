import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type CallTree, callTree } from "../../../src/domain/explain/callTree.ts"
import { explain } from "../../../src/domain/explain/explain.ts"
import { explanationTable, programListing } from "../../../src/domain/explain/explanationTable.ts"
import { lineText, sourceCosts, sourceOf } from "../../../src/domain/explain/sources.ts"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { adam } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { together } from "../../../src/domain/program/together.ts"
import { square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { printProgram } from "../../../src/domain/tensor/print.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"

/** A network of tanh layers, all `width` wide, that learns a regression. */
const regression = (batch: number, width: number, layers: number) =>
  make("regression", {
    state: { net: learner({ hidden: linearParameters(width, width), out: linearParameters(width, 1) }, adam(0.01)) },
    inputs: { x: [batch, width], y: [batch, 1] },
    step: ({ net }, { x, y }) => {
      const { next, loss } = descend(net, (p) => {
        const h = Array.from({ length: layers }).reduce((h: Tensor) => tanh(linear(p.hidden, h)), x)
        return mean(square(subtract(linear(p.out, h), y)))
      })
      return { next: { net: next }, outputs: { loss } }
    }
  })

const programs = fc
  .record({
    batch: fc.integer({ min: 2, max: 6 }),
    width: fc.integer({ min: 2, max: 5 }),
    layers: fc.integer({ min: 1, max: 4 })
  })
  .map(({ batch, width, layers }) => regression(batch, width, layers))

const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, number) => total + number, 0)

describe("explain", () => {
  it("gives parts, kinds and lines that each add up to the whole, which is the program that runs", () => {
    fc.assert(
      fc.property(programs, (program) => {
        const { rewritten, parts, kinds, program: listed } = explain(program)
        const cost = programCost(program)
        assert.deepStrictEqual([rewritten.primitives, rewritten.flop], [cost.nodes, cost.flop])
        for (const field of ["primitives", "flop", "bytes"] as const) {
          for (const costs of [parts, kinds, sourceCosts(listed)]) {
            assert.strictEqual(sum(costs.map((each) => each[field])), rewritten[field])
          }
        }
        const printed = printProgram(program).split("\n")
        for (const { text } of listed) assert.isTrue(printed.includes(`  ${text}`), text)
      }),
      { numRuns: 3 }
    )
  })

  it("counts the products of a network: one forward, two backward where the input of a layer is a result", () => {
    const [batch, width] = [8, 16]
    const { program } = explain(regression(batch, width, 1))
    const products = (part: string) =>
      sum(program.filter((each) => each.part === part && each.primitive === "matmul").map(({ flop }) => flop))
    const [hidden, out] = [2 * batch * width * width, 2 * batch * width]
    assert.strictEqual(products("forward"), hidden + out)
    assert.strictEqual(products("backward"), hidden + 2 * out)
    assert.strictEqual(products("update"), 0)
  })

  it("links a primitive and its derivative to one line of the user's, through the library's building blocks", () => {
    const line = Number(/explain\.test\.ts:(\d+)/.exec(new Error().stack ?? "")?.[1]) + 1
    const ofUser = (x: Tensor, w: Tensor): Tensor => tanh(matmul(x, w))
    const program = make("own", {
      state: { w: learner({ w: linearParameters(3, 3).weight }, adam(0.1)) },
      inputs: { x: [2, 3] },
      step: ({ w }, { x }) => {
        const { next, loss } = descend(w, (p) => mean(square(ofUser(x, p.w))))
        return { next: { w: next }, outputs: { loss } }
      }
    })
    const products = explain(program).program.filter(({ primitive }) => primitive === "matmul")
    assert.deepStrictEqual(
      products.map(({ part, calls }) => [part, sourceOf(calls)?.name, sourceOf(calls)?.line]),
      [
        ["forward", "ofUser", line],
        ["backward", "ofUser", line]
      ]
    )
    assert.match(lineText(sourceOf(products[0]?.calls ?? [])), /explain\.test\.ts:\d+$/)
  })

  it("takes what an optimizer does for the update, and all of it for one line of the step", () => {
    const { program } = explain(regression(2, 3, 2))
    const update = program.filter(({ part }) => part === "update")
    assert.isAbove(update.length, 20)
    assert.strictEqual(sourceCosts(update).length, 1)
    assert.include(sourceCosts(update)[0]?.line, "explain.test.ts")
  })

  it("explains programs that are joined, and a shard of several", () => {
    const one = regression(4, 3, 1)
    const both = explain(together("both", { a: one, b: regression(4, 3, 2) }))
    const alone = explain(one).rewritten.flop + explain(regression(4, 3, 2)).rewritten.flop
    // They may be joined where they multiply the same inputs, which takes some columns more.
    assert.closeTo(both.rewritten.flop, alone, 0.1 * alone)
    assert.strictEqual(
      both.parts.every(({ primitives }) => primitives > 0),
      true
    )
    const half = explain(one.onShards(2))
    assert.isBelow(half.rewritten.flop, explain(one).rewritten.flop)
  })

  it("says the same in a table: numbers, rules, memory, and the program with its lines", () => {
    const explained = explain(regression(4, 3, 2))
    const text = explanationTable(explained).join("\n")
    assert.match(text, /^regression: one step of 4 examples, \d+ numbers of state/)
    for (const { rule, fired } of explained.rules) {
      const line = text.split("\n").find((each) => each.includes(`${rule} `)) ?? assert.fail(rule)
      assert.match(line.slice(line.indexOf(rule) + rule.length), new RegExp(`^ +${fired}`))
    }
    assert.include(text, (explained.memory.peak / 2 ** 20).toFixed(2))
    const listing = programListing(explained.program)
    assert.strictEqual(listing.length, explained.program.length)
    for (const line of listing) assert.match(line, /^%\d+ = .* (forward|backward|update) +.*:\d+$/)
  })
})

describe("callTree", () => {
  const { program, rewritten } = explain(regression(4, 3, 2))
  const nodes = (tree: CallTree): ReadonlyArray<CallTree> => [tree, ...tree.children.flatMap(nodes)]

  it("weighs each call by what it calls", () => {
    for (const of of ["flop", "bytes"] as const) {
      const tree = callTree("step", program, (each) => each[of])
      assert.strictEqual(tree.weight, rewritten[of])
      for (const { weight, children } of nodes(tree)) {
        if (children.length > 0) assert.strictEqual(sum(children.map((child) => child.weight)), weight)
      }
    }
  })

  it("begins with the parts in their order, goes by the calls, and ends with kinds of primitive", () => {
    const tree = callTree("step", program, ({ bytes }) => bytes)
    assert.deepStrictEqual(
      tree.children.map(({ name }) => name),
      ["forward", "backward", "update"]
    )
    const names = nodes(tree).map(({ name }) => name)
    for (const name of ["step", "descend", "linear", "matmul"]) assert.include(names, name)
    const ends = nodes(tree).filter(({ children }) => children.length === 0)
    const kinds = new Set<string>(program.map(({ primitive }) => primitive))
    for (const { name } of ends) assert.isTrue(kinds.has(name), name)
  })
})
