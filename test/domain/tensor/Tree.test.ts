import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree, joinPath, mapLeaves, mapRecord, mapTree, type Tree } from "../../../src/domain/tensor/Tree.ts"

const isNumber = (value: unknown): value is number => typeof value === "number"

const name = fc.constantFrom("weight", "bias", "rnn", "h0", "0", "1", "__proto__", "constructor", "toString")
const tree: fc.Arbitrary<Tree<number>> = fc.letrec<{ tree: Tree<number> }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.integer(),
    fc
      .uniqueArray(fc.tuple(name, tie("tree")), { selector: ([key]) => key, maxLength: 4 })
      .map((entries) => Object.fromEntries(entries))
  )
})).tree

describe("trees", () => {
  const example = { generator: { rnn: { weight: 1, bias: 2 }, h0: 3 }, step: 4 }

  it("flatten to paths, in the order of the keys", () => {
    assert.deepStrictEqual(Object.entries(flattenTree(example, isNumber)), [
      ["generator.rnn.weight", 1],
      ["generator.rnn.bias", 2],
      ["generator.h0", 3],
      ["step", 4]
    ])
    assert.deepStrictEqual(flattenTree(7, isNumber), { "": 7 })
  })

  it("map leaf by leaf with the path", () => {
    const named = mapTree<number, string, typeof example>(example, isNumber, (leaf, path) => `${path}=${leaf}`)
    assert.strictEqual(named.generator.rnn.bias, "generator.rnn.bias=2")
    assert.strictEqual(named.step, "step=4")
  })

  it("mapping keeps the paths and composes", () => {
    fc.assert(
      fc.property(tree, (given) => {
        const [f, g] = [(n: number) => n + 1, (n: number) => 3 * n]
        const twice = mapLeaves<number, Tree<number>>(mapLeaves<number, Tree<number>>(given, isNumber, f), isNumber, g)
        const once = mapLeaves<number, Tree<number>>(given, isNumber, (n) => g(f(n)))
        assert.deepStrictEqual(twice, once)
        assert.deepStrictEqual(
          Object.entries(flattenTree(once, isNumber)),
          Object.entries(flattenTree(given, isNumber)).map(([path, leaf]) => [path, g(f(leaf))])
        )
      })
    )
  })

  it("have as many paths as leaves, whatever the names", () => {
    const count = (node: Tree<number>): number =>
      isNumber(node) ? 1 : Object.values(node).reduce((total: number, child) => total + count(child), 0)
    fc.assert(
      fc.property(tree, (given) => assert.strictEqual(Object.keys(flattenTree(given, isNumber)).length, count(given)))
    )
  })

  it("with two leaves of one path are refused", () => {
    assert.throws(() => flattenTree({ "a.b": 1, a: { b: 2 } }, isNumber), TypeError, 'the path "a.b"')
  })

  it("with something else than leaves and records are refused with its path", () => {
    const broken: Readonly<Record<string, Tree<number>>> = JSON.parse('{ "a": { "b": [1, 2] } }')
    assert.throws(() => flattenTree(broken, isNumber), TypeError, /at "a.b" stands 1,2/)
    const missing: Readonly<Record<string, Tree<number>>> = JSON.parse('{ "a": null }')
    assert.throws(() => flattenTree(missing, isNumber), TypeError, /at "a" stands null/)
    const text: Readonly<Record<string, Tree<number>>> = JSON.parse('{ "a": { "rate": "0.1" } }')
    assert.throws(() => flattenTree(text, isNumber), TypeError, /at "a.rate" stands 0.1/)
  })

  it("know tensors from records of tensors", () => {
    const x = placeholder("x", [2])
    assert.deepStrictEqual(Object.keys(flattenTree({ a: { b: x } }, isTensor)), ["a.b"])
    assert.isFalse(isTensor({ shape: [2] }))
    for (const other of [null, undefined, 5, "op"]) assert.isFalse(isTensor(other))
  })

  it("join paths with dots, leaving out the empty", () => {
    assert.strictEqual(joinPath("", "a"), "a")
    assert.strictEqual(joinPath("a", "b"), "a.b")
    assert.strictEqual(joinPath("a", ""), "a")
  })

  it("records map by key", () => {
    assert.deepStrictEqual(
      mapRecord({ a: 1, b: 2 }, (value, key) => `${key}${value}`),
      { a: "a1", b: "b2" }
    )
  })
})
