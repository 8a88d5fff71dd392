import { assert, describe, it } from "@effect/vitest"
import { add, addAll, multiply, square } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { pad, slice, split } from "../../../../src/domain/tensor/movement.ts"
import { inputsFirst } from "../../../../src/domain/tensor/order.ts"
import { printExpressions } from "../../../../src/domain/tensor/print.ts"
import { simplify } from "../../../../src/domain/tensor/rewrite/simplify.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { assertAgree, listOf, numbersOf } from "../../../support/numbers.ts"

const squeezed = (roots: ReadonlyArray<Tensor>): ReadonlyArray<string> =>
  printExpressions(roots)
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "))

const opsOf = (roots: ReadonlyArray<Tensor>): ReadonlyArray<string> => inputsFirst(roots).map(({ op }) => op)

const countOf = (roots: ReadonlyArray<Tensor>, op: string): number => opsOf(roots).filter((name) => name === op).length

/** `h_t = tanh(h_{t-1} W + x_t + b)`, batch 5, width 2; the loss is the squared last state. */
const recurrence = (steps: number) => {
  const [w, b] = [placeholder("w", [2, 2]), placeholder("b", [2])]
  let h: Tensor = placeholder("h", [5, 2])
  for (let t = 1; t <= steps; t++) h = tanh(add(add(matmul(h, w), placeholder(`x${t}`, [5, 2])), b))
  return { w, b, loss: sum(square(h)) }
}

/** `h_t = tanh((h_{t-1} W + b) + x_t)` from a first state of one row. */
const recurrenceFromOneRow = (steps: number) => {
  const [w, b] = [placeholder("w", [2, 2]), placeholder("b", [2])]
  let h: Tensor = placeholder("h", [1, 2])
  for (let t = 1; t <= steps; t++) h = tanh(add(add(matmul(h, w), b), placeholder(`x${t}`, [5, 2])))
  return { w, b, loss: sum(square(h)) }
}

describe("the gradient of a weight shared by T = 4 steps", () => {
  const { w, b, loss } = recurrence(4)
  const gradients = [gradient(loss, w), gradient(loss, b)]
  const merged = simplify(gradients)

  it("is one product over the joined steps", () => {
    const weightGradients = inputsFirst(merged).filter((node) => node.op === "matmul" && node.parameters.transposeA)
    assert.strictEqual(weightGradients.length, 1)
    assert.deepStrictEqual(
      weightGradients[0]?.inputs.map(({ shape }) => shape),
      [
        [20, 2],
        [20, 2]
      ]
    )
    // Four forward, three backward through the steps, one for the weight.
    assert.strictEqual(countOf(merged, "matmul"), 4 + 3 + 1)
  })

  it("shares the joined cotangents with the bias's gradient, which is one sum", () => {
    assert.strictEqual(countOf(merged, "sum"), 1)
    assert.strictEqual(countOf(merged, "concatenate"), 2)
    const [product, total] = merged
    assert.strictEqual(total?.inputs[0], product?.inputs[1])
  })

  it("has the values of the separate products", () => {
    const numbers = Object.fromEntries(
      ["w", "b", "h", "x1", "x2", "x3", "x4"].map((name, i) => [
        name,
        Float64Array.from({ length: name === "w" ? 4 : name === "b" ? 2 : 10 }, (_, j) => Math.sin(1 + i + 2 * j))
      ])
    )
    const expected = numbersOf(gradients, numbers)
    numbersOf(merged, numbers).forEach((values, i) => {
      assertAgree(values, expected[i] ?? [], 1e-13, "gradient")
    })
  })

  it("shares them too where the first step is of one row, which all samples begin with", () => {
    const one = recurrenceFromOneRow(4)
    const merged = simplify([gradient(one.loss, one.w), gradient(one.loss, one.b)])
    const [product, total] = merged
    assert.deepStrictEqual(
      product?.inputs.map(({ shape }) => shape),
      [
        [16, 2],
        [16, 2]
      ]
    )
    assert.strictEqual(total?.inputs[0], product?.inputs[1])
    const numbers = Object.fromEntries(
      ["w", "b", "h", "x1", "x2", "x3", "x4"].map((name, i) => [
        name,
        Float64Array.from({ length: name === "w" ? 4 : name === "b" || name === "h" ? 2 : 10 }, (_, j) =>
          Math.sin(1 + i + 2 * j)
        )
      ])
    )
    const expected = numbersOf([gradient(one.loss, one.w), gradient(one.loss, one.b)], numbers)
    numbersOf(merged, numbers).forEach((values, i) => {
      assertAgree(values, expected[i] ?? [], 1e-13, "gradient")
    })
  })

  it("prints as this for T = 2", () => {
    const two = recurrence(2)
    assert.deepStrictEqual(squeezed(simplify([gradient(two.loss, two.w)])), [
      "%1 = matmul(h, w) : [5, 2]",
      "%2 = add(%1, x1) : [5, 2]",
      "%3 = add(%2, b) : [5, 2]",
      "%4 = tanh(%3) : [5, 2]",
      "%5 = concatenate(h, %4) {axis: 0} : [10, 2]",
      "%6 = matmul(%4, w) : [5, 2]",
      "%7 = add(%6, x2) : [5, 2]",
      "%8 = add(%7, b) : [5, 2]",
      "%9 = tanh(%8) : [5, 2]",
      "%10 = add(%9, %9) : [5, 2]",
      "%11 = multiply(%9, %9) : [5, 2]",
      "%12 = subtract(1, %11) : [5, 2]",
      "%13 = multiply(%10, %12) : [5, 2]",
      "%14 = matmul(%13, w) {transposeB} : [5, 2]",
      "%15 = multiply(%4, %4) : [5, 2]",
      "%16 = subtract(1, %15) : [5, 2]",
      "%17 = multiply(%14, %16) : [5, 2]",
      "%18 = concatenate(%17, %13) {axis: 0} : [10, 2]",
      "%19 = matmul(%5, %18) {transposeA} : [2, 2]",
      "in %19"
    ])
  })
})

describe("sums of padded pieces", () => {
  const x = placeholder("x", [6, 2])

  it("from a tensor that was cut into parts are the parts joined", () => {
    const parts = split(x, 0, [1, 2, 3])
    const loss = parts.map((part, i) => sum(tanh(i === 0 ? square(part) : part))).reduce((a, b) => add(a, b))
    const simple = simplify([gradient(loss, x)])
    assert.deepStrictEqual([countOf(simple, "pad"), countOf(simple, "concatenate")], [0, 1])
    const numbers = { x: Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)) }
    assertAgree(listOf(simple[0] ?? x, numbers), listOf(gradient(loss, x), numbers), 1e-13, "gradient of parts")
  })

  it("with gaps get zeros between", () => {
    const [first, , third] = split(x, 0, [2, 2, 2])
    const simple = simplify([add(pad(third, [4, 0], [0, 0]), pad(tanh(first), [0, 0], [4, 0]))])
    assert.deepStrictEqual(opsOf(simple).includes("pad"), false)
    const numbers = { x: Float64Array.from({ length: 12 }, (_, i) => i) }
    const expected = [0, Math.tanh(1), Math.tanh(2), Math.tanh(3), 0, 0, 0, 0, 8, 9, 10, 11]
    assertAgree(listOf(simple[0] ?? x, numbers), expected, 1e-13, "pieces with a gap")
  })

  it("stay where they overlap, lie along different axes, or have different shapes that stretch", () => {
    const y = placeholder("y", [2, 2])
    const row = placeholder("row", [1, 2])
    for (const terms of [
      [pad(y, [0, 0], [1, 0]), pad(tanh(y), [1, 0], [0, 0])],
      [pad(y, [0, 0], [2, 0]), pad(row, [3, 0], [0, 0]), pad(placeholder("z", [4, 1]), [0, 1], [0, 0])],
      [pad(y, [0, 0], [0, 2]), pad(row, [0, 2], [0, 0])]
    ]) {
      const numbers = { y: [1, 2, 3, 4], row: [5, 6], z: [7, 8, 9, 10] }
      const total = addAll(terms)
      const [simple = total] = simplify([total])
      assert.deepStrictEqual(simple.shape, total.shape)
      assert.deepStrictEqual(listOf(simple, numbers), listOf(total, numbers))
    }
  })
})

describe("terms that are used elsewhere", () => {
  it("stay as they are, so that nothing is computed twice", () => {
    const [a, b] = [placeholder("a", [4, 2]), placeholder("b", [4, 3])]
    const [first, second] = [matmul(a, b, { transposeA: true }), matmul(tanh(a), b, { transposeA: true })]
    const simple = simplify([add(first, second), first])
    assert.strictEqual(countOf(simple, "matmul"), 2)
    assert.strictEqual(countOf(simple, "concatenate"), 0)
  })

  it("products of different shapes that stretch are joined by shape", () => {
    const [a, b, c] = [placeholder("a", [4, 1]), placeholder("b", [4, 3]), placeholder("c", [4, 2])]
    const product = (left: Tensor, right: Tensor) => matmul(left, right, { transposeA: true })
    const total = addAll([product(a, b), product(c, b), product(tanh(a), b), product(tanh(c), b)])
    const numbers = {
      a: [1, -1, 0.5, 2],
      b: Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      c: Array.from({ length: 8 }, (_, i) => Math.cos(i))
    }
    const simple = simplify([total])
    assert.deepStrictEqual(simple[0]?.shape, [2, 3])
    assertAgree(listOf(simple[0] ?? total, numbers), listOf(total, numbers), 1e-13, "products")
    assert.strictEqual(countOf(simple, "matmul"), 2)
  })
})

describe("sums of products and of sums", () => {
  const [a, b, c] = [placeholder("a", [4, 2]), placeholder("b", [4, 3]), placeholder("c", [5, 2])]
  const d = placeholder("d", [5, 3])
  const numbers = Object.fromEntries(
    [a, b, c, d].map((tensor, i) => [
      ["a", "b", "c", "d"][i] ?? "",
      Float64Array.from({ length: tensor.shape.reduce((n, size) => n * size, 1) }, (_, j) => Math.sin(1 + i + 2 * j))
    ])
  )
  const product = (left: Tensor, right: Tensor) => matmul(left, right, { transposeA: true })
  const [first, second] = [product(a, b), product(c, d)]
  const [sumB, sumD] = [sum(b, [0]), sum(d, [0])]

  const assertSame = (roots: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
    const simple = simplify(roots)
    const expected = numbersOf(roots, numbers)
    numbersOf(simple, numbers).forEach((values, i) => {
      assert.deepStrictEqual(simple[i]?.shape, roots[i]?.shape)
      assertAgree(values, expected[i] ?? [], 1e-12, `root ${i}`)
    })
    return simple
  }

  it("of different numbers of examples are one, and what stays alone is as it was", () => {
    for (const [total, products, sums] of [
      [add(add(first, second), sumB), 1, 1],
      [add(add(first, sumB), sumD), 1, 1]
    ] as const) {
      const simple = assertSame([total])
      assert.deepStrictEqual([countOf(simple, "matmul"), countOf(simple, "sum")], [products, sums])
    }
    const padded = assertSame([add(add(first, second), pad(slice(a, [0, 0], [2, 2]), [0, 0], [0, 1]))])
    assert.deepStrictEqual([countOf(padded, "matmul"), countOf(padded, "pad")], [1, 1])
  })

  it("are joined wherever they are used", () => {
    assert.strictEqual(countOf(assertSame([tanh(add(first, second))]), "matmul"), 1)
  })

  it("whose parts are used elsewhere too are joined without computing these twice", () => {
    const inner = add(first, second)
    assert.strictEqual(countOf(assertSame([add(inner, product(tanh(a), b)), inner]), "matmul"), 2)
  })

  it("of different shapes are joined by shape", () => {
    const [narrow, wide] = [sum(slice(b, [0, 0], [4, 1]), [0]), sumD]
    assert.strictEqual(countOf(assertSame([add(add(sumB, narrow), wide)]), "sum"), 2)
  })

  it("are left alone where they are factors, products of other axes, or sums over other axes", () => {
    for (const [root, op] of [
      [multiply(first, second), "matmul"],
      [
        add(matmul(slice(a, [0, 0], [2, 2]), slice(b, [0, 0], [2, 3])), matmul(slice(c, [0, 0], [2, 2]), tanh(first))),
        ""
      ],
      [add(sum(slice(b, [0, 0], [4, 3]), [1]), sum(slice(d, [0, 0], [4, 3]), [1])), "sum"]
    ] as const) {
      const simple = assertSame([root])
      if (op !== "") assert.strictEqual(countOf(simple, op), 2)
      assert.strictEqual(countOf(simple, "concatenate"), 0)
    }
  })

  it("leave pieces alone that are padded along two axes", () => {
    const corner = pad(slice(a, [0, 0], [1, 1]), [2, 1], [1, 0])
    const simple = assertSame([add(pad(slice(c, [0, 0], [2, 2]), [0, 0], [2, 0]), corner)])
    assert.strictEqual(countOf(simple, "pad"), 2)
  })
})

describe("the gradient of images that are read in T = 3 steps", () => {
  const image = placeholder("image", [2, 1, 4, 3])
  const filters = [1, 2, 3].map((t) => placeholder(`filters${t}`, [2, 1, 5, 4]))
  const loss = sum(addAll(filters.map((f) => sum(square(matmul(f, image))))))
  const gradients = [gradient(loss, image)]
  const merged = simplify(gradients)

  it("is one product over the joined filters", () => {
    const products = inputsFirst(merged).filter((node) => node.op === "matmul" && node.parameters.transposeA)
    assert.deepStrictEqual(
      products.map((node) => node.inputs.map(({ shape }) => shape)),
      [
        [
          [2, 1, 15, 4],
          [2, 1, 15, 3]
        ]
      ]
    )
  })

  it("has the values of the separate products", () => {
    const numbers = Object.fromEntries(
      ["image", "filters1", "filters2", "filters3"].map((name, i) => [
        name,
        Float64Array.from({ length: i === 0 ? 24 : 40 }, (_, j) => Math.sin(1 + i + 2 * j))
      ])
    )
    const [expected = new Float64Array(0)] = numbersOf(gradients, numbers)
    assertAgree(numbersOf(merged, numbers)[0] ?? [], expected, 1e-13, "gradient")
  })
})
