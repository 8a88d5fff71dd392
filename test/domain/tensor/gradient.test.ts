import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, multiply, negate, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { clamp, greater, maximum } from "../../../src/domain/tensor/comparison.ts"
import { exp, log, relu, sigmoid, stopGradient, tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient, valueAndGradient } from "../../../src/domain/tensor/gradient.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { reshape } from "../../../src/domain/tensor/movement.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { max } from "../../../src/domain/tensor/reduction.ts"
import { primitiveNames } from "../../../src/domain/tensor/rules.ts"
import { formatShape } from "../../../src/domain/tensor/Shape.ts"
import { constant, full, normalNoise, placeholder, scalar } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { gradientLoss, weightedSum } from "../../../src/testing/losses.ts"
import { type PrimitiveCase, primitiveCases } from "../../../src/testing/primitiveCases.ts"
import { randomExpressions } from "../../../src/testing/randomExpressions.ts"
import { assertGradient, byName } from "../../support/gradientCheck.ts"
import { assertAgree, halves, listOf, numbersOf, placeholdersFor } from "../../support/numbers.ts"

const cases = Object.entries<fc.Arbitrary<PrimitiveCase>>(primitiveCases)
const shapesOf = (operands: PrimitiveCase["operands"]) => operands.map(({ shape }) => formatShape(shape)).join(" ")

describe("the gradient of every primitive", () => {
  it("has a case here", () => {
    assert.deepStrictEqual(Object.keys(primitiveCases).sort(), [...primitiveNames].sort())
  })

  for (const [op, arbitrary] of cases) {
    it(`${op}: agrees with central differences, first and second derivative`, () => {
      fc.assert(
        fc.property(arbitrary, ({ operands, build }) => {
          const { tensors, numbers } = placeholdersFor(operands)
          const y = build(tensors)
          if (op === "stopGradient") return
          const what = `${op} of ${shapesOf(operands)}`
          // A square on top, so that the cotangent of the first derivative depends on y.
          const loss = add(weightedSum(y), weightedSum(square(y), 2))
          const given = { ...halves([loss]), ...numbers }
          assertGradient(loss, byName(tensors), given, { what })
          assertGradient(gradientLoss(loss, tensors), byName(tensors), given, {
            what: `second derivative of ${what}`
          })
        }),
        { numRuns: 20 }
      )
    })

    it(`${op}: has its operands' shapes and is linear in the cotangent`, () => {
      fc.assert(
        fc.property(arbitrary, ({ operands, build }) => {
          const { tensors, numbers } = placeholdersFor(operands)
          const y = build(tensors)
          const gradientsOf = (loss: Tensor) => tensors.map((tensor) => gradient(loss, tensor))
          const [first, second] = [weightedSum(y, 0), weightedSum(y, 5)]
          const joint = gradientsOf(add(multiply(first, 2), multiply(second, -3)))
          joint.forEach((derivative, i) => {
            assert.deepStrictEqual(derivative.shape, tensors[i]?.shape)
          })
          const combined = gradientsOf(first).map((derivative, i) =>
            subtract(multiply(derivative, 2), multiply(gradientsOf(second)[i] ?? scalar(Number.NaN), 3))
          )
          const expected = numbersOf(combined, numbers)
          numbersOf(joint, numbers).forEach((values, i) => {
            assertAgree(values, expected[i] ?? [], 1e-12, `${op} of ${shapesOf(operands)}, operand ${i}`)
          })
        }),
        { numRuns: 12 }
      )
    })
  }
})

describe("gradient", () => {
  it("agrees with central differences on random expressions", () => {
    fc.assert(
      fc.property(randomExpressions(12), ({ placeholders, numbers, roots }) => {
        // stopGradient makes the gradient differ from the slope on purpose: see its own tests.
        const held = roots.filter((root) => !contains(root, "stopGradient"))
        const loss = held.map((root, i) => weightedSum(tanh(root), i)).reduce((a, b) => add(a, b), scalar(0))
        assertGradient(loss, byName(placeholders), numbers, { what: "random expression", spacing: 3e-6, kinks: true })
      }),
      { numRuns: 40 }
    )
  })

  it("of a sum of losses is the sum of their gradients", () => {
    fc.assert(
      fc.property(randomExpressions(), ({ placeholders, numbers, roots }) => {
        const losses = roots.map((root, i) => weightedSum(tanh(root), i))
        for (const parameter of placeholders) {
          const joint = gradient(
            losses.reduce((a, b) => add(a, b)),
            parameter
          )
          const separate = losses.map((loss) => gradient(loss, parameter)).reduce((a, b) => add(a, b))
          assertAgree(listOf(joint, numbers), listOf(separate, numbers), 1e-9, "gradient of the sum")
        }
      }),
      { numRuns: 20 }
    )
  })

  it("keeps the tree, with zeros for parameters that the loss does not depend on", () => {
    const [used, unused] = [placeholder("used", [2]), placeholder("unused", [3, 1])]
    const tree = { outer: { used }, unused }
    const gradients: typeof tree = gradient(sum(square(used)), tree)
    assert.deepStrictEqual(listOf(gradients.outer.used, { used: [3, -4] }), [6, -8])
    assert.deepStrictEqual(gradients.unused.shape, [3, 1])
    assert.deepStrictEqual(listOf(gradients.unused), [0, 0, 0])
  })

  it("refuses a loss of more than one number and says what to do", () => {
    const x = placeholder("x", [2, 3])
    assert.throws(
      () => gradient(x, x),
      ShapeError,
      /gradient of \[2, 3\]: the loss must be a single number.*mean or a sum/
    )
  })

  it("takes losses of one element whatever their rank", () => {
    const x = placeholder("x", [2])
    const loss = reshape(sum(square(x)), [1, 1])
    assert.deepStrictEqual(listOf(gradient(loss, x), { x: [1, 2] }), [2, 4])
  })

  it("is 1 for the loss itself", () => {
    const x = placeholder("x", [])
    assert.deepStrictEqual(listOf(gradient(x, x)), [1])
  })

  it("is taken with respect to any expression, on the way through it as well", () => {
    const x = placeholder("x", [2])
    const middle = square(x)
    const loss = sum(multiply(middle, middle))
    const both = gradient<{ readonly x: Tensor; readonly middle: Tensor }>(loss, { x, middle })
    assert.deepStrictEqual(listOf(both.middle, { x: [1, 3] }), [2, 18])
    assert.deepStrictEqual(listOf(both.x, { x: [1, 3] }), [4, 108])
  })

  it("takes two placeholders of one name for the same tensor", () => {
    const loss = sum(square(placeholder("x", [2])))
    assert.deepStrictEqual(listOf(gradient(loss, placeholder("x", [2])), { x: [1, 3] }), [2, 6])
  })

  it("adds up over two placeholders of one name, and over two sources of one stream", () => {
    const [left, right] = [placeholder("x", [2]), placeholder("x", [2])]
    const loss = sum(multiply(square(left), right))
    for (const parameter of [left, right, placeholder("x", [2])]) {
      assert.deepStrictEqual(listOf(gradient(loss, parameter), { x: [1, 3] }), [3, 27])
    }
    const noise = () => normalNoise("z", [2])
    const twice = sum(add(multiply(noise(), 2), multiply(noise(), 5)))
    assert.deepStrictEqual(listOf(gradient(twice, noise())), [7, 7])
  })

  it("of a clamp is zero at its bounds and beyond, and one between them", () => {
    const x = placeholder("x", [5])
    assert.deepStrictEqual(listOf(gradient(sum(clamp(x, -1, 2)), x), { x: [-1.5, -1, 0.5, 2, 2.5] }), [0, 0, 1, 0, 0])
  })

  it("adds up over every use of a parameter", () => {
    const x = placeholder("x", [])
    const cube = multiply(multiply(x, x), x)
    assert.deepStrictEqual(listOf(gradient(add(cube, x), x), { x: [2] }), [13])
  })

  it("differentiates again and again", () => {
    const x = placeholder("x", [])
    const fourth = [1, 2, 3, 4].reduce<Tensor>((f) => gradient(f, x), exp(multiply(x, 2)))
    assertAgree(listOf(fourth, { x: [0.3] }), [16 * Math.exp(0.6)], 1e-12, "fourth derivative of exp 2x")
  })

  it("is taken with respect to a literal as well", () => {
    const literal = full([2], 3)
    assert.deepStrictEqual(listOf(gradient(sum(square(literal)), literal)), [6, 6])
  })

  it("stops at a node that contradicts itself, as only one made by hand does, and names its primitive", () => {
    const x = placeholder("x", [2])
    const broken: Tensor = { op: "negate", parameters: {}, inputs: [x], shape: [3] }
    assert.throws(() => gradient(sum(broken), x), "internal: negate gave [3] as cotangent of [2]")
  })

  it("goes through thousands of steps without recursion", () => {
    const x = placeholder("x", [])
    let y: Tensor = x
    for (let i = 0; i < 5_000; i++) y = add(y, x)
    assert.deepStrictEqual(listOf(gradient(y, x)), [5001])
  })

  it("of a penalty on a gradient is right (WGAN-GP's)", () => {
    const [x, w, v] = [placeholder("x", [3, 2]), placeholder("w", [2, 4]), placeholder("v", [4, 1])]
    const critic = sum(matmul(tanh(matmul(x, w)), v))
    const penalty = sum(square(subtract(sum(square(gradient(critic, x)), [1]), 1)))
    const numbers = {
      x: [0.1, -0.4, 0.7, 0.2, -1.1, 0.3],
      w: [0.3, -0.2, 0.5, 1.1, -0.7, 0.4, 0.2, -0.9],
      v: [1, -0.5, 0.25, 0.8]
    }
    assertGradient(penalty, byName([w, v, x]), numbers, { what: "gradient penalty" })
  })
})

describe("stopGradient", () => {
  const x = placeholder("x", [2])

  it("is the identity forwards and a constant backwards", () => {
    const loss = sum(multiply(x, stopGradient(x)))
    assert.deepStrictEqual(listOf(loss, { x: [2, 3] }), [13])
    assert.deepStrictEqual(listOf(gradient(loss, x), { x: [2, 3] }), [2, 3])
  })

  it("of everything leaves zeros", () => {
    assert.deepStrictEqual(listOf(gradient(sum(stopGradient(square(x))), x), { x: [2, 3] }), [0, 0])
  })

  it("does not hide what it holds when that is asked for itself", () => {
    const held = stopGradient(square(x))
    assert.deepStrictEqual(listOf(gradient(sum(square(held)), held), { x: [1, 2] }), [2, 8])
  })
})

describe("derivatives at kinks are as the docstrings say", () => {
  const x = placeholder("x", [3])
  const slope = (y: Tensor, numbers: ReadonlyArray<number>) => listOf(gradient(sum(y), x), { x: numbers })

  it("relu: 0 at 0", () => assert.deepStrictEqual(slope(relu(x), [-1, 0, 1]), [0, 0, 1]))
  it("relu: 0 below 0, whatever comes down to it, so that log(relu(x)) has no NaN", () =>
    assert.deepStrictEqual(slope(log(relu(x)), [-1, 1, 2]), [0, 1, 0.5]))
  it("maximum: the second operand's where both are equal", () => {
    assert.deepStrictEqual(slope(maximum(x, 0), [-1, 0, 1]), [0, 0, 1])
    assert.deepStrictEqual(slope(maximum(0, x), [-1, 0, 1]), [0, 1, 1])
  })
  it("max: equal greatest elements share it", () => assert.deepStrictEqual(slope(max(x), [2, 1, 2]), [0.5, 0, 0.5]))
  it("greater: none", () => assert.deepStrictEqual(slope(greater(x, 0), [-1, 0, 1]), [0, 0, 0]))
})

describe("derivatives far out stay finite", () => {
  const x = placeholder("x", [2])
  it("sigmoid and its logarithm", () => {
    assert.deepStrictEqual(listOf(gradient(sum(sigmoid(x)), x), { x: [-1000, 1000] }), [0, 0])
    const logits = negate(log(sigmoid(x)))
    assert.deepStrictEqual(listOf(gradient(sum(logits), x), { x: [30, 30] }).every(Number.isFinite), true)
  })
  it("a literal has no gradient to give", () => {
    const loss = sum(constant({ shape: [2], values: Float64Array.of(1, 2) }))
    assert.deepStrictEqual(listOf(gradient(loss, x)), [0, 0])
  })
})

const contains = (root: Tensor, op: Tensor["op"]): boolean =>
  root.op === op || root.inputs.some((input) => contains(input, op))

it("valueAndGradient gives the loss beside its gradient", () => {
  const x = placeholder("x", [2])
  const made = valueAndGradient(sum(square(x)), { x })
  assert.deepStrictEqual(listOf(made.value, { x: [1, 2] }), [5])
  assert.deepStrictEqual(listOf(made.gradient.x, { x: [1, 2] }), [2, 4])
})
