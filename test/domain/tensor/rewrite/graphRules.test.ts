import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, addAll, multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../../src/domain/tensor/broadcast.ts"
import { programCost } from "../../../../src/domain/tensor/cost.ts"
import { tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { concatenate, sliceAxis, take } from "../../../../src/domain/tensor/movement.ts"
import { makeProgram } from "../../../../src/domain/tensor/Program.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import { softmax } from "../../../../src/domain/tensor/reduction.ts"
import { graphOf } from "../../../../src/domain/tensor/rewrite/Graph.ts"
import { type GraphRule, graphRules } from "../../../../src/domain/tensor/rewrite/graphRules.ts"
import { rewrite, simplify } from "../../../../src/domain/tensor/rewrite/simplify.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { assertAgree, numbersOf } from "../../../support/numbers.ts"
import { normals } from "../../../support/randomNumbers.ts"

/** Expressions that a rule is for, with what they are made of. */
interface Pattern {
  readonly roots: ReadonlyArray<Tensor>
  readonly leaves: ReadonlyArray<Tensor>
}

const small = fc.integer({ min: 1, max: 3 })
const steps = fc.integer({ min: 2, max: 4 })

const leavesNamed = (): { leaf: (name: string, shape: ReadonlyArray<number>) => Tensor; leaves: Array<Tensor> } => {
  const leaves: Array<Tensor> = []
  const leaf = (name: string, shape: ReadonlyArray<number>): Tensor => {
    const known = leaves.find((each) => each.op === "placeholder" && each.parameters.name === name)
    if (known !== undefined) return known
    const made = placeholder(name, shape)
    leaves.push(made)
    return made
  }
  return { leaf, leaves }
}

const patternOf = (
  make: (leaf: (name: string, shape: ReadonlyArray<number>) => Tensor) => ReadonlyArray<Tensor>
): Pattern => {
  const { leaf, leaves } = leavesNamed()
  const roots = make(leaf)
  return { roots, leaves }
}

const range = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, i) => i)

/** A recurrence of `count` steps whose input is `inputs` wide, as far as it has been computed. */
const recurrence = (
  leaf: (name: string, shape: ReadonlyArray<number>) => Tensor,
  count: number,
  [batch, inputs, units]: readonly [number, number, number]
): ReadonlyArray<Tensor> => {
  const z = leaf("z", [count, batch, inputs])
  const states: Array<Tensor> = []
  let h = leaf("h", [1, units])
  for (let t = 0; t < count; t++) {
    const given = add(matmul(take(z, 0, t), leaf("input", [inputs, units])), leaf("b", [units]))
    h = tanh(add(given, matmul(h, leaf("hidden", [units, units]))))
    states.push(h)
  }
  return states
}

// Wide enough, and often enough, for the rules to pay by their estimates.
const wide = fc.integer({ min: 60, max: 90 })

/** For every rule, graphs that it is for. A rule without them does not compile. */
const patterns: Record<(typeof graphRules)[number]["name"], fc.Arbitrary<Pattern>> = {
  "merge sums": fc.tuple(steps, small, small, small, fc.boolean()).map(([count, rows, n, m, biases]) =>
    patternOf((leaf) => {
      const parts = range(count).map((t) => [leaf(`x${t}`, [rows, n]), leaf(`g${t}`, [rows, m])] as const)
      return [
        addAll(parts.map(([x, g]) => matmul(x, tanh(g), { transposeA: true }))),
        ...(biases ? [addAll(parts.map(([, g]) => sum(tanh(g), [0])))] : [])
      ]
    })
  ),
  "take factors": fc
    .tuple(small, small, small, fc.constantFrom("left", "right", "joined", "row"))
    .map(([rows, n, m, form]) =>
      patternOf((leaf) => {
        const [x, y] = [leaf("x", [rows, n]), form === "row" ? leaf("y", [1, n]) : leaf("y", [rows, n])]
        const [v, w] = [leaf("v", [n, m]), leaf("w", [n, m])]
        const biases = (product: Tensor, name: string): Tensor => add(product, leaf(name, [m]))
        if (form === "left") return [add(biases(matmul(x, v), "a"), biases(matmul(x, w), "b"))]
        if (form === "right") return [add(biases(matmul(x, v), "a"), biases(matmul(y, v), "b"))]
        const both = concatenate([x, broadcast(y, [rows, n])], 1)
        return [add(biases(matmul(both, leaf("both", [2 * n, m])), "a"), biases(matmul(y, w), "b"))]
      })
    ),
  "hoist common parts": fc.tuple(steps, wide, wide).map(([count, n, m]) =>
    patternOf((leaf) => {
      const x = leaf("x", [8, 4 * n])
      return range(count + 4).map((t) => {
        const product = matmul(concatenate([x, leaf(`y${t}`, [8, 2])], 1), leaf("w", [4 * n + 2, m]))
        return t % 2 === 0 ? add(product, leaf("b", [m])) : product
      })
    })
  ),
  "join lanes": fc.tuple(fc.integer({ min: 3, max: 6 }), small, small).map(([count, batch, inputs]) =>
    patternOf((leaf) => {
      const states = recurrence(leaf, count, [batch, inputs, 3])
      const seen = states.map((h) => softmax(multiply(add(matmul(h, leaf("seen", [3, 4])), leaf("c", [4])), 0.5)))
      return [sum(concatenate(seen, 1)), states.at(-1) ?? leaf("h", [1, 3])]
    })
  ),
  "join left products": fc.tuple(steps, wide, fc.boolean()).map(([count, n, biased]) =>
    patternOf((leaf) => {
      const maps = [3, 4, 5].map((width) => ({
        weight: leaf(`w${width}`, [n, width]),
        bias: leaf(`b${width}`, [width])
      }))
      let h = leaf("h", [16, n])
      const seen: Array<Tensor> = []
      for (let t = 0; t < count; t++) {
        h = tanh(multiply(h, 2))
        const products = maps.map(({ weight, bias }) => (biased ? add(matmul(h, weight), bias) : matmul(h, weight)))
        seen.push(...products.map((product) => sum(tanh(product))))
      }
      return [addAll(seen), h]
    })
  )
}

const seeds = fc.nat({ max: 1_000_000 })

const numbersFor = (leaves: ReadonlyArray<Tensor>, seed: number): Record<string, ReadonlyArray<number>> =>
  Object.fromEntries(
    leaves.flatMap((leaf) =>
      leaf.op === "placeholder"
        ? [[leaf.parameters.name, Array.from(normals(seed, leaf.parameters.name, leaf.shape), (x) => x / 4)]]
        : []
    )
  )

const assertSame = (
  before: ReadonlyArray<Tensor>,
  after: ReadonlyArray<Tensor>,
  numbers: Record<string, ReadonlyArray<number>>
): void => {
  assert.deepStrictEqual(
    after.map(({ shape }) => shape),
    before.map(({ shape }) => shape)
  )
  const expected = numbersOf(before, numbers)
  numbersOf(after, numbers).forEach((values, i) => {
    assertAgree(values, expected[i] ?? [], 1e-9, `root ${i}`)
  })
}

/** The gradients by all leaves of a bent sum of the roots. */
const gradientsOf = ({ roots, leaves }: Pattern): ReadonlyArray<Tensor> => {
  const loss = addAll(roots.map((root) => sum(tanh(root))))
  return leaves.map((leaf) => gradient(loss, leaf))
}

describe.each(
  graphRules.map((rule): readonly [string, GraphRule, fc.Arbitrary<Pattern>] => [rule.name, rule, patterns[rule.name]])
)("%s", (_, rule, pattern) => {
  it("finds what it is for, and changes no value", () => {
    fc.assert(
      fc.property(pattern, seeds, ({ roots, leaves }, seed) => {
        const { roots: after, fired } = rule.apply(graphOf(roots))
        assert.isAbove(fired, 0, printExpressions(roots))
        assertSame(roots, after, numbersFor(leaves, seed))
      }),
      { numRuns: 25 }
    )
  })

  it("changes no gradient, with all the other rules", () => {
    fc.assert(
      fc.property(pattern, seeds, (given, seed) => {
        const gradients = gradientsOf(given)
        assertSame(
          [...given.roots, ...gradients],
          simplify([...given.roots, ...gradients]),
          numbersFor(given.leaves, seed)
        )
      }),
      { numRuns: 10 }
    )
  })

  it("ends with all the other rules, and finds nothing more afterwards", () => {
    fc.assert(
      fc.property(pattern, (given) => {
        const once = simplify([...given.roots, ...gradientsOf(given)])
        const twice = rewrite(once)
        assert.strictEqual(printExpressions(twice.roots), printExpressions(once))
        for (const { name } of graphRules) assert.isUndefined(twice.fired.get(name), name)
      }),
      { numRuns: 10 }
    )
  })

  it("says what it replaces, and why", () => {
    assert.include(rule.formula, "=")
    assert.isNotEmpty(rule.reason)
  })
})

describe("rules of graphs", () => {
  it("do not join two passes of one network over different images, or what needs what another step makes", () => {
    const { leaf } = leavesNamed()
    const [w, v] = [leaf("w", [64, 64]), leaf("v", [64, 64])]
    const pass = (name: string): Tensor => tanh(matmul(tanh(matmul(leaf(name, [64, 64]), w)), v))
    const passes = [sum(pass("real")), sum(pass("fake"))]
    assert.strictEqual(printExpressions(simplify(passes)), printExpressions(passes))
    const chain = range(4).reduce((h) => tanh(matmul(h, w)), leaf("h", [64, 64]))
    assert.strictEqual(printExpressions(simplify([chain])), printExpressions([chain]))
  })

  it("join the projections of all steps of a recurrence without copying what they are given", () => {
    const { leaf } = leavesNamed()
    const states = recurrence(leaf, 6, [50, 100, 64])
    const program = makeProgram({
      name: "recurrence",
      state: {},
      inputs: Object.fromEntries(
        states.length === 0 ? [] : ["z", "input", "b", "h", "hidden"].map((name) => [name, leaf(name, [])])
      ),
      next: {},
      outputs: { last: states.at(-1) ?? leaf("h", [1, 64]) }
    })
    const count = (op: string): number =>
      programCost(program).byPrimitive.find(({ primitive }) => primitive === op)?.nodes ?? 0
    // One projection, and one product of the state a step.
    assert.strictEqual(count("matmul"), 7)
    assert.strictEqual(count("concatenate"), 0)
  })

  it("join matrices of which one occurs twice", () => {
    const { leaf } = leavesNamed()
    const [x, w, v] = [leaf("x", [3, 2]), leaf("w", [2, 2]), leaf("v", [2, 4])]
    const roots = [matmul(x, concatenate([w, w], 1)), matmul(x, concatenate([w, v, w], 1)), matmul(x, v)]
    assertSame(roots, simplify(roots), numbersFor([x, w, v], 1))
  })

  it("join what is needed of a matrix with what is needed elsewhere, rather than make a matrix of its own", () => {
    const { leaf } = leavesNamed()
    const [wide, narrow, other] = [leaf("wide", [256, 256]), leaf("narrow", [256, 5]), leaf("other", [256, 7])]
    const states = range(3).map((t) => tanh(leaf(`h${t}`, [20, 256])))
    const roots = states.flatMap((h, t) => [matmul(h, wide), matmul(h, narrow), ...(t === 2 ? [] : [matmul(h, other)])])
    const joins = simplify(roots.map((root) => sum(tanh(sliceAxis(root, 1, 0, 3)))))
    assert.strictEqual(printExpressions(joins).split("= concatenate").length - 1, 1)
  })

  it("join one of two groups of products of which each has a matrix made of the other's", () => {
    const { leaf, leaves } = leavesNamed()
    const [x, y, w, v] = [leaf("x", [16, 16]), leaf("y", [16, 16]), leaf("w", [16, 16]), leaf("v", [16, 16])]
    const [p, q] = [matmul(x, w), matmul(y, v)]
    const roots = [p, q, matmul(x, tanh(q)), matmul(y, tanh(p))]
    const { roots: after, fired } = rewrite(roots)
    assert.strictEqual(fired.get("join left products"), 1)
    assertSame(roots, after, numbersFor(leaves, 1))
  })

  it("come to an end in any graph of products, joins and parts, where nothing is left for them", () => {
    const step = fc.tuple(fc.nat(5), fc.nat(), fc.nat())
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), seeds, (drawn, seed) => {
        const { leaf, leaves } = leavesNamed()
        const pool = ["x", "y", "z"].map((name) => leaf(name, [3, 3]))
        for (const [kind, i, j] of drawn) pool.push(grown(kind, recent(pool, i), recent(pool, j)))
        const roots = [...gradientsOf({ roots: pool.slice(-1), leaves }), ...pool.filter((_, i) => i % 3 === 0)]
        const once = simplify(roots)
        assertSame(roots, once, numbersFor(leaves, seed))
        for (const { name } of graphRules) assert.isUndefined(rewrite(once).fired.get(name), name)
      }),
      { numRuns: 10 }
    )
  })
})

/** One more matrix of 3 x 3, of moderate numbers. */
const grown = (kind: number, a: Tensor, b: Tensor): Tensor => {
  if (kind === 0) return tanh(add(a, b))
  if (kind === 1) return sliceAxis(concatenate([a, b], 1), 1, 1, 3)
  if (kind === 2) return tanh(matmul(concatenate([a, b], 1), concatenate([b, a], 0)))
  return tanh(matmul(a, b, { transposeB: kind === 3 }))
}

const recent = (pool: ReadonlyArray<Tensor>, drawn: number): Tensor => {
  const found = pool[Math.max(0, pool.length - 8) + (drawn % Math.min(8, pool.length))]
  if (found === undefined) throw new Error("the pool is empty")
  return found
}
