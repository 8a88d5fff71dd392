import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply, square } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { conv2d, convTranspose2d } from "../../../src/domain/tensor/convolution.ts"
import { relu, tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { pad, reshape, transpose } from "../../../src/domain/tensor/movement.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { averagePool } from "../../../src/domain/tensor/pooling.ts"
import { simplify } from "../../../src/domain/tensor/rewrite/simplify.ts"
import { type Shape, sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { constant, placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { convolutionCases } from "../../../src/testing/convolutionCases.ts"
import { operand } from "../../../src/testing/operands.ts"
import { assertGradient, byName } from "../../support/gradientCheck.ts"
import { assertAgree, listOf } from "../../support/numbers.ts"

const image = (shape: Shape, ...values: ReadonlyArray<number>): Tensor =>
  constant({ shape, values: Float64Array.from(values) })
const innerProduct = (a: Tensor, b: Tensor): ReadonlyArray<number> => listOf(sum(multiply(a, b)))

/** An image, a kernel, and numbers of the shape of their convolution, which fit one another. */
const fitting = convolutionCases.chain(({ image, kernel, result, options }) =>
  fc.record({
    options: fc.constant(options),
    x: operand(image).map(constant),
    kernel: operand(kernel).map(constant),
    y: operand(result).map(constant)
  })
)

describe("conv2d", () => {
  it("lays the kernel over the image as it is, not turned round", () => {
    const x = image([1, 1, 3, 3], 1, 2, 3, 4, 5, 6, 7, 8, 9)
    const kernel = image([1, 1, 2, 2], 1, 10, 100, 1000)
    assert.deepStrictEqual(listOf(conv2d(x, kernel)), [5421, 6532, 8754, 9865])
    assert.deepStrictEqual(listOf(conv2d(x, kernel, { strides: 2 })), [5421])
    assert.deepStrictEqual(listOf(conv2d(x, kernel, { dilations: 2 })), [9731])
    assert.deepStrictEqual(listOf(conv2d(x, kernel, { strides: 2, padding: 1 })), [1000, 3200, 7040, 9865])
    const left = { before: [0, 1], after: [0, 0] } as const
    assert.deepStrictEqual(listOf(conv2d(x, kernel, { strides: [1, 3], padding: left })), [4010, 7040])
  })

  it("with padding is a convolution of the padded image", () => {
    fc.assert(
      fc.property(fitting, ({ x, kernel, y, options: { padding, ...moves } }) => {
        const padded = pad(x, [0, 0, ...padding.before], [0, 0, ...padding.after])
        const [joint, separate] = [conv2d(x, kernel, { ...moves, padding }), conv2d(padded, kernel, moves)]
        assert.deepStrictEqual(joint.shape, y.shape)
        assert.deepStrictEqual(separate.shape, y.shape)
        assertAgree(listOf(joint), listOf(separate), 1e-13, "padding")
      })
    )
  })

  it("by kernels of one entry is a matrix product over the channels", () => {
    fc.assert(
      fc.property(operand([2, 3, 4, 5]), operand([6, 3]), (x, weights) => {
        const product = matmul(constant(weights), reshape(constant(x), [2, 3, 20]))
        const convolved = conv2d(constant(x), reshape(constant(weights), [6, 3, 1, 1]))
        assertAgree(listOf(reshape(convolved, [2, 6, 20])), listOf(product), 1e-13, "product")
      }),
      { numRuns: 20 }
    )
  })

  it("moves with the image", () => {
    fc.assert(
      fc.property(operand([1, 2, 4, 4]), operand([2, 2, 3, 3]), fc.nat(3), fc.nat(3), (x, k, down, right) => {
        const [still, kernel] = [constant(x), constant(k)]
        const moved = pad(still, [0, 0, down, right], [0, 0, 0, 0])
        const expected = pad(conv2d(still, kernel, { padding: 2 }), [0, 0, down, right], [0, 0, 0, 0])
        assertAgree(listOf(conv2d(moved, kernel, { padding: 2 })), listOf(expected), 1e-13, "moved")
      }),
      { numRuns: 30 }
    )
  })

  it("of constants is computed when simplified, and of others is left", () => {
    fc.assert(
      fc.property(fitting, ({ x, kernel, options, y }) => {
        const convolved = conv2d(x, kernel, options)
        const back = convTranspose2d(y, kernel, { ...options, size: [x.shape[2] ?? 1, x.shape[3] ?? 1] })
        for (const root of [convolved, back]) {
          const [folded] = simplify([root])
          assert.include(["constant", "full"], folded?.op)
          assert.deepStrictEqual(listOf(folded ?? root), listOf(root))
        }
        const open = conv2d(placeholder("x", x.shape), kernel, options)
        assert.deepStrictEqual(simplify([open, open]), [open, open])
      }),
      { numRuns: 30 }
    )
  })
})

describe("convTranspose2d", () => {
  it("is the adjoint of convolve in the image: <convolve(x, k), y> = <x, convTranspose2d(y, k)>", () => {
    fc.assert(
      fc.property(fitting, ({ x, kernel, y, options }) => {
        const back = convTranspose2d(y, kernel, { ...options, size: [x.shape[2] ?? 1, x.shape[3] ?? 1] })
        assert.deepStrictEqual(back.shape, x.shape)
        assertAgree(innerProduct(conv2d(x, kernel, options), y), innerProduct(x, back), 1e-12, "inner products")
      }),
      { numRuns: 300 }
    )
  })

  it("sets the kernel down, scaled, for each entry", () => {
    const kernel = image([1, 1, 1, 2], 1, 10)
    const y = image([1, 1, 1, 3], 1, 2, 3)
    assert.deepStrictEqual(listOf(convTranspose2d(y, kernel)), [1, 12, 23, 30])
    assert.deepStrictEqual(listOf(convTranspose2d(y, kernel, { strides: [1, 2] })), [1, 10, 2, 20, 3, 30])
    const wider = convTranspose2d(y, kernel, { strides: [1, 3], size: [1, 10] })
    assert.deepStrictEqual(listOf(wider), [1, 10, 0, 2, 20, 0, 3, 30, 0, 0])
  })

  it("has the smallest size that convolves back, if none is given", () => {
    fc.assert(
      fc.property(convolutionCases, ({ kernel, result, options }) => {
        const unpadded = { strides: options.strides, dilations: options.dilations }
        const back = convTranspose2d(placeholder("y", result), placeholder("k", kernel), unpadded)
        const shapeFrom = (lost: number) =>
          conv2d(placeholder("x", back.shape.with(2, (back.shape[2] ?? 1) - lost)), placeholder("k", kernel), unpadded)
            .shape
        assert.deepStrictEqual(shapeFrom(0), result)
        if (result[2] > 1) assert.deepStrictEqual(shapeFrom(1), result.with(2, result[2] - 1))
      })
    )
  })
})

describe("the kernel's gradient", () => {
  it("is the adjoint of convolve in the kernel: <convolve(x, k), y> = <k, gradient>", () => {
    fc.assert(
      fc.property(fitting, ({ x, kernel, y, options }) => {
        const derivative = gradient(sum(multiply(conv2d(x, kernel, options), y)), kernel)
        assert.deepStrictEqual(derivative.shape, kernel.shape)
        const form = innerProduct(conv2d(x, kernel, options), y)
        assertAgree(form, innerProduct(kernel, derivative), 1e-12, "inner products")
      }),
      { numRuns: 300 }
    )
  })

  it("is one convolution with strides for dilations, and computes nothing to throw away", () => {
    const [x, kernel] = [placeholder("x", [8, 3, 28, 28]), placeholder("k", [16, 3, 3, 3])]
    const y = conv2d(x, kernel, { strides: 2, padding: 1 })
    const derivative = gradient(sum(square(y)), kernel)
    const convolutions = inputsFirst([derivative]).filter(({ op }) => op === "conv2d")
    assert.deepStrictEqual(
      convolutions.map(({ parameters }) => parameters),
      [
        { strides: [2, 2], dilations: [1, 1], before: [1, 1], after: [1, 1] },
        { strides: [1, 1], dilations: [2, 2], before: [1, 1], after: [0, 0] }
      ]
    )
    assert.isFalse(inputsFirst([derivative]).some(({ op }) => op === "slice"))
  })
})

describe("a small convolutional network", () => {
  const x = placeholder("x", [2, 1, 8, 8])
  const first = placeholder("first", [3, 1, 3, 3])
  const bias = placeholder("bias", [3, 1, 1])
  const second = placeholder("second", [4, 3, 3, 3])
  const last = placeholder("last", [16, 5])
  const tensors = byName([x, first, bias, second, last])
  const numbers = mapRecord(tensors, ({ shape }, name) =>
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1.3 * i + name.length) / 2)
  )
  const hidden = relu(add(conv2d(x, first, { padding: 1 }), bias))
  const features = tanh(conv2d(averagePool(hidden, 2), second, { strides: 2, padding: 1 }))
  const loss = sum(square(matmul(reshape(features, [2, 16]), last)))

  it("has the derivatives that finite differences find", () => {
    assertGradient(loss, tensors, numbers, { what: "network", spacing: 3e-5, kinks: true })
  })

  it("has the same derivatives after simplifying", () => {
    const gradients = Object.values(gradient(loss, tensors))
    simplify(gradients).forEach((simple, i) => {
      assertAgree(listOf(simple, numbers), listOf(gradients[i] ?? simple, numbers), 1e-10, `gradient ${i}`)
    })
  })

  it("has a gradient penalty with derivatives of its own", () => {
    const penalty = sum(square(gradient(sum(transpose(features)), x)))
    assertGradient(penalty, { first, second }, numbers, { what: "penalty", spacing: 3e-5, kinks: true })
  })
})
