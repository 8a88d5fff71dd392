import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, divide, multiply, negate, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../../src/domain/tensor/broadcast.ts"
import { exp, stopGradient } from "../../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../../../../src/domain/tensor/movement.ts"
import { pmean } from "../../../../src/domain/tensor/pmean.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import { max } from "../../../../src/domain/tensor/reduction.ts"
import { nodeRules } from "../../../../src/domain/tensor/rewrite/algebra.ts"
import { rewrite, simplify } from "../../../../src/domain/tensor/rewrite/simplify.ts"
import { sameShape } from "../../../../src/domain/tensor/Shape.ts"
import { full, placeholder, zeros } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { assertAgree, listOf } from "../../../support/numbers.ts"

const x = placeholder("x", [2, 3])
const y = placeholder("y", [2, 3])
const row = placeholder("row", [3])
const bias = placeholder("bias", [3])
const [weights, others] = [placeholder("weights", [3, 3]), placeholder("others", [3, 3])]
const cube = placeholder("cube", [2, 3, 3])

const printed = (roots: ReadonlyArray<Tensor>): string =>
  printExpressions(roots)
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "))
    .join("; ")

const text = (root: Tensor): string => printed(simplify([root]))

const [pair, single] = [placeholder("pair", [2, 2]), placeholder("single", [2, 1])]
const filled = "%1 = full() {value: 2} : [300, 300, 3]; in %1"

/** Before, after as printed. */
const rules: ReadonlyArray<readonly [string, Tensor, string]> = [
  ["x + 0", add(x, 0), "in x"],
  ["0 + x", add(zeros([2, 3]), x), "in x"],
  ["x + zeros of a larger shape", add(row, zeros([2, 3])), "%1 = broadcast(row) : [2, 3]; in %1"],
  ["x + (-y)", add(x, negate(y)), "%1 = subtract(x, y) : [2, 3]; in %1"],
  ["(-x) + y", add(negate(x), y), "%1 = subtract(y, x) : [2, 3]; in %1"],
  ["x - 0", subtract(x, 0), "in x"],
  ["0 - x", subtract(0, x), "%1 = negate(x) : [2, 3]; in %1"],
  ["x - (-y)", subtract(x, negate(y)), "%1 = add(x, y) : [2, 3]; in %1"],
  ["1 x", multiply(1, x), "in x"],
  ["x times ones of a larger shape", multiply(row, full([2, 3], 1)), "%1 = broadcast(row) : [2, 3]; in %1"],
  ["-1 x", multiply(-1, x), "%1 = negate(x) : [2, 3]; in %1"],
  ["(2 x) 3", multiply(multiply(2, x), 3), "%1 = multiply(x, 6) : [2, 3]; in %1"],
  ["(-x) 3", multiply(negate(x), 3), "%1 = multiply(x, -3) : [2, 3]; in %1"],
  ["0 x stays: x may be NaN", multiply(x, 0), "%1 = multiply(x, 0) : [2, 3]; in %1"],
  ["x / 2", divide(x, 2), "%1 = multiply(x, 0.5) : [2, 3]; in %1"],
  ["x / 0 stays", divide(x, 0), "%1 = divide(x, 0) : [2, 3]; in %1"],
  ["x / 1e-40 stays: 1e40 is no float32", divide(x, 1e-40), "%1 = divide(x, 1e-40) : [2, 3]; in %1"],
  [
    "(x 1e30) 1e30 stays",
    multiply(multiply(x, 1e30), 1e30),
    "%1 = multiply(x, 1e+30) : [2, 3]; %2 = multiply(%1, 1e+30) : [2, 3]; in %2"
  ],
  ["-(-x)", negate(negate(x)), "in x"],
  ["-(x - y)", negate(subtract(x, y)), "%1 = subtract(y, x) : [2, 3]; in %1"],
  ["-(2 x)", negate(multiply(2, x)), "%1 = multiply(x, -2) : [2, 3]; in %1"],
  ["x + stretched row", add(x, broadcast(row, [2, 3])), "%1 = add(x, row) : [2, 3]; in %1"],
  ["stretched row times x", multiply(broadcast(row, [2, 3]), x), "%1 = multiply(row, x) : [2, 3]; in %1"],
  ["x - a filled tensor", subtract(x, full([2, 3], 2)), "%1 = subtract(x, 2) : [2, 3]; in %1"],
  ["(x + 2) + 3", add(add(x, 2), 3), "%1 = add(x, 5) : [2, 3]; in %1"],
  ["(2 + x) - 2", subtract(add(2, x), 2), "in x"],
  ["(x - 2) - 3", subtract(subtract(x, 2), 3), "%1 = add(x, -5) : [2, 3]; in %1"],
  [
    "(x + 1e38) - 1e38 stays: the sum may be no float32",
    subtract(add(x, 1e38), 1e38),
    "%1 = add(x, 1e+38) : [2, 3]; %2 = subtract(%1, 1e+38) : [2, 3]; in %2"
  ],
  [
    "products with a bias each",
    add(add(matmul(x, weights), row), add(matmul(y, others), bias)),
    "%1 = matmul(x, weights) : [2, 3]; %2 = add(row, bias) : [3]; %3 = add(%1, %2) : [2, 3]; %4 = matmul(y, others) : [2, 3]; %5 = add(%3, %4) : [2, 3]; in %5"
  ],
  [
    "transpose that moves an axis of size 1",
    transpose(reshape(x, [2, 1, 3]), [0, 2, 1]),
    "%1 = reshape(x) : [2, 3, 1]; in %1"
  ],
  ["reshape to the same", reshape(x, [2, 3]), "in x"],
  ["reshape of reshape", reshape(reshape(x, [6]), [3, 2]), "%1 = reshape(x) : [3, 2]; in %1"],
  ["reshape there and back", reshape(reshape(x, [6]), [2, 3]), "in x"],
  ["transpose by nothing", transpose(x, [0, 1]), "in x"],
  ["transpose twice", transpose(transpose(x)), "in x"],
  [
    "transposes compose",
    transpose(transpose(cube, [1, 2, 0]), [1, 0, 2]),
    "%1 = transpose(cube) {permutation: [2, 1, 0]} : [3, 3, 2]; in %1"
  ],
  ["broadcast of broadcast", broadcast(broadcast(row, [2, 3]), [4, 2, 3]), "%1 = broadcast(row) : [4, 2, 3]; in %1"],
  ["broadcast of a constant", broadcast(full([3], 2), [2, 3]), "%1 = full() {value: 2} : [2, 3]; in %1"],
  ["sum over axes of size 1", sum(reshape(x, [2, 1, 3]), [1]), "in x"],
  ["max over no axes", max(x, []), "in x"],
  ["slice of everything", slice(x, [0, 0], [2, 3]), "in x"],
  [
    "slice of a slice",
    slice(slice(x, [0, 1], [2, 2]), [1, 1], [1, 1]),
    "%1 = slice(x) {starts: [1, 2], sizes: [1, 1]} : [1, 1]; in %1"
  ],
  [
    "slice within one of joined tensors",
    slice(concatenate([x, y], 0), [2, 1], [2, 2]),
    "%1 = slice(y) {starts: [0, 1], sizes: [2, 2]} : [2, 2]; in %1"
  ],
  ["one of joined tensors", slice(concatenate([x, y], 0), [2, 0], [2, 3]), "in y"],
  ["pad by nothing", pad(x, [0, 0], [0, 0]), "in x"],
  ["joining one", concatenate([x], 0), "in x"],
  [
    "joining what is joined",
    concatenate([x, concatenate([y, x], 1)], 1),
    "%1 = concatenate(x, y, x) {axis: 1} : [2, 9]; in %1"
  ],
  ["joining what was cut", concatenate([slice(x, [0, 0], [2, 1]), slice(x, [0, 1], [2, 2])], 1), "in x"],
  [
    "joining part of what was cut",
    concatenate([slice(cube, [0, 1, 0], [2, 1, 3]), slice(cube, [0, 2, 0], [2, 1, 3])], 1),
    "%1 = slice(cube) {starts: [0, 1, 0], sizes: [2, 2, 3]} : [2, 2, 3]; in %1"
  ],
  ["product with a transpose", matmul(x, transpose(y)), "%1 = matmul(x, y) {transposeB} : [2, 2]; in %1"],
  [
    "transposed product",
    transpose(matmul(x, y, { transposeB: true })),
    "%1 = matmul(y, x) {transposeB} : [2, 2]; in %1"
  ],
  [
    "transposed product of transposes",
    transpose(matmul(transpose(x), y)),
    "%1 = matmul(y, x) {transposeA} : [3, 3]; in %1"
  ],
  ["stopGradient", stopGradient(x), "in x"],
  ["mean over shards of a mean", pmean(pmean(x)), "%1 = pmean(x) : [2, 3]; in %1"],
  ["broadcast of a constant too large to be folded", broadcast(full([3], 2), [300, 300, 3]), filled],
  ["product of a transpose", matmul(transpose(x), y), "%1 = matmul(x, y) {transposeA} : [3, 3]; in %1"],
  [
    "transposed products of a batch",
    transpose(matmul(cube, exp(cube)), [0, 2, 1]),
    "%1 = exp(cube) : [2, 3, 3]; %2 = matmul(%1, cube) {transposeA, transposeB} : [2, 3, 3]; in %2"
  ],
  [
    "joining what is joined along the same axis, beside what is along another",
    concatenate([x, concatenate([y, x], 0), concatenate([pair, single], 1)], 0),
    "%1 = concatenate(pair, single) {axis: 1} : [2, 3]; %2 = concatenate(x, y, x, %1) {axis: 0} : [8, 3]; in %2"
  ]
]

/** What no rule is for. */
const kept: ReadonlyArray<readonly [string, Tensor]> = [
  ["x + y", add(x, y)],
  ["(2 - x) + 3", add(subtract(2, x), 3)],
  ["(-x) y", multiply(negate(x), y)],
  ["-(x y)", negate(multiply(x, y))],
  ["a product of constants too large to be folded", multiply(2, full([300, 300], 3))],
  ["sum over an axis", sum(x, [0])],
  ["max over an axis", max(x, [1])],
  ["pad by something", pad(x, [1, 0], [0, 0])],
  ["mean over shards", pmean(x)],
  ["transposed product of a batch, by another permutation", transpose(matmul(cube, cube), [1, 2, 0])],
  ["slice of what is computed", slice(exp(x), [1, 0], [1, 3])],
  ["joining what is joined along another axis", concatenate([x, concatenate([pair, single], 1)], 0)],
  ["joining a part of a tensor with what is computed of it", concatenate([slice(x, [0, 0], [1, 3]), exp(x)], 0)]
]

describe("algebra", () => {
  for (const [what, before, after] of rules) {
    it(what, () => assert.strictEqual(text(before), after))
  }

  for (const [what, expression] of kept) {
    it(`leaves as it is: ${what}`, () => assert.strictEqual(text(expression), printed([expression])))
  }

  it("has every one of its rules among these", () => {
    const fired = new Set(rules.flatMap(([, before]) => [...rewrite([before]).fired.keys()]))
    assert.deepStrictEqual(
      nodeRules.map(({ formula }) => formula).filter((formula) => !fired.has(formula)),
      []
    )
    assert.strictEqual(new Set(nodeRules.map(({ formula }) => formula)).size, nodeRules.length)
  })

  it("changes no value, by any of its rules", () => {
    const numbers = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 18, maxLength: 18 })
    fc.assert(
      fc.property(numbers, (given) => {
        const [x, y, pair] = [given.slice(0, 6), given.slice(6, 12), given.slice(0, 4)]
        const named = { x, y, row: given.slice(0, 3), cube: given, pair, single: given.slice(0, 2) }
        for (const [what, before] of rules) {
          // Huge constants and huge shapes have tests of their own.
          if (/too large|1e30|1e38|1e-40/.test(what)) continue
          const [after = before] = simplify([before])
          assertAgree(listOf(after, named), listOf(before, named), 1e-12, what)
        }
      }),
      { numRuns: 50 }
    )
  })

  it("keeps a slice across the seam of joined tensors, and a join of parts that do not follow one another", () => {
    for (const kept of [
      slice(concatenate([x, y], 0), [1, 0], [2, 3]),
      concatenate([slice(x, [0, 1], [2, 2]), slice(x, [0, 0], [2, 1])], 1),
      concatenate([slice(x, [0, 0], [2, 1]), slice(y, [0, 1], [2, 2])], 1),
      concatenate([slice(x, [0, 0], [1, 3]), slice(x, [0, 0], [1, 3])], 0),
      // The second follows along the axis of the join, and begins elsewhere along another.
      concatenate([slice(cube, [0, 0, 0], [2, 1, 2]), slice(cube, [0, 1, 1], [2, 1, 2])], 1),
      concatenate([slice(cube, [1, 0, 0], [1, 2, 3]), slice(cube, [0, 2, 0], [1, 1, 3])], 1)
    ]) {
      assert.strictEqual(simplify([kept])[0]?.op, kept.op)
    }
  })

  it("keeps constants apart that together are subnormal, which engines may take for zero", () => {
    const least = 2 ** -126
    for (const kept of [
      multiply(multiply(x, 2 ** -70), 2 ** -60),
      divide(x, 2 ** 127),
      subtract(add(x, 1.5 * least), least),
      add(subtract(x, 1.75 * least), least)
    ]) {
      assert.strictEqual(text(kept), printed([kept]))
    }
    assert.strictEqual(text(multiply(multiply(x, 2 ** -70), 2 ** -56)), printed([multiply(x, least)]))
    assert.strictEqual(text(multiply(multiply(x, 2 ** 70), 2 ** 56)), printed([multiply(x, 2 ** 126)]))
    assert.strictEqual(text(subtract(add(x, 2 * least), least)), printed([add(x, least)]))
  })

  it("holds for NaN and infinities", () => {
    const ends = fc.array(fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, 1, -2.5, 1e308, 1e-308), {
      minLength: 6,
      maxLength: 6
    })
    // Gathered constants may overflow or round elsewhere; these rules move no constants.
    const exact = rules
      .filter(([what]) => !/too large|\(2 x\)|1e30|\(x [-+] 2\) |\(2 [+] x\)/.test(what))
      .map(([, before]) => before)
    fc.assert(
      fc.property(ends, ends, (forX, forY) => {
        const numbers = {
          ...{ x: forX, y: forY, row: forX.slice(0, 3), cube: [...forX, ...forY, ...forX] },
          ...{ pair: forX.slice(0, 4), single: forY.slice(0, 2) }
        }
        for (const before of exact) {
          const [after = before] = simplify([before])
          assert.isTrue(sameShape(after.shape, before.shape))
          // Zeros may change their sign.
          const unsigned = (root: Tensor) => listOf(root, numbers).map((n) => (n === 0 ? 0 : n))
          assert.deepStrictEqual(unsigned(after), unsigned(before))
        }
      })
    )
  })
})
