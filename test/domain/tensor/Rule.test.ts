import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, addAll, divide, multiply, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../src/domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../../../src/domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../../../src/domain/tensor/convolution.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, split, stack, take, transpose } from "../../../src/domain/tensor/movement.ts"
import { build, Mismatch, ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { max, softmax } from "../../../src/domain/tensor/reduction.ts"
import { primitiveNames, withInputs } from "../../../src/domain/tensor/rules.ts"
import { broadcastShapes, formatShape } from "../../../src/domain/tensor/Shape.ts"
import {
  bernoulliNoise,
  constant,
  full,
  normalNoise,
  placeholder,
  uniformNoise
} from "../../../src/domain/tensor/source.ts"
import { anyShape } from "../../../src/testing/shapes.ts"

const p = (...shape: ReadonlyArray<number>) => placeholder("x", shape)

/** Every way to use a primitive on shapes that do not fit, with what the message must hold beside the primitive. */
const mismatches: Readonly<Record<string, ReadonlyArray<readonly [() => unknown, ...ReadonlyArray<string>]>>> = {
  full: [[() => full([2, 0], 1), "positive integer", "[2, 0]"]],
  constant: [[() => constant({ shape: [1.5], values: Float32Array.of(1) }), "positive integer", "[1.5]"]],
  placeholder: [
    [() => placeholder("x", [0]), "[0]"],
    [() => placeholder("x", [-1, 2]), "[-1, 2]"],
    [() => placeholder("", [2]), "needs a name"],
    [() => placeholder("x", [Number.NaN]), "[NaN]"]
  ],
  noise: [
    [() => normalNoise("z", [3, 0]), "[3, 0]"],
    [() => uniformNoise("z", [2.5]), "[2.5]"],
    [() => bernoulliNoise("z", 1.5, [2]), "probability", "1.5"],
    [() => bernoulliNoise("z", -0.5, [2]), "probability", "-0.5"],
    [() => bernoulliNoise("z", Number.NaN, [2]), "probability", "NaN"]
  ],
  reshape: [
    [() => reshape(p(2, 3), [4]), "[2, 3]", "cannot become [4]"],
    [() => reshape(p(2, 3), [-1, 6]), "[-1, 6]"],
    [() => reshape(p(2, 3), [0]), "[0]"],
    [() => reshape(p(2, 3), [-2, -3]), "[-2, -3]"],
    [() => reshape(p(2, 3), [1.5, 4]), "[1.5, 4]"]
  ],
  transpose: [
    [() => transpose(p(2, 3), [0, 0]), "[0, 0]", "permutation of its 2 axes"],
    [() => transpose(p(2, 3), [0]), "[0]", "[2, 3]"],
    [() => transpose(p(2, 3), [0, 2]), "[0, 2]"]
  ],
  slice: [
    [() => slice(p(2, 3), [0, 1], [2, 3]), "[2, 3]", "[0, 1]"],
    [() => slice(p(2, 3), [0], [2]), "[2]"],
    [() => slice(p(2, 3), [0, 0], [2, 0]), "[2, 0]"],
    [() => slice(p(2, 3), [1], [1, 3]), "size [1, 3] at [1]"],
    [() => slice(p(2), [0, 0], [1]), "size [1] at [0, 0]"],
    [() => slice(p(2), [0], [1, 1]), "size [1, 1] at [0]"],
    [() => slice(p(2), [-1], [1]), "[-1]"],
    [() => slice(p(2), [0.5], [1]), "[0.5]"],
    [() => take(p(2, 3), 1, 3), "[2, 3]"],
    [() => take(p(2, 3), 2, 0), "axes [2]", "rank 2"],
    [() => split(p(4), 0, [5, -1]), "[4]"]
  ],
  pad: [
    [() => pad(p(2), [-1], [0]), "[-1]"],
    [() => pad(p(2), [1, 1], [0, 0]), "[1, 1]", "[2]"],
    [() => pad(p(2), [1], [0, 0]), "by [1] in front and [0, 0] behind"],
    [() => pad(p(2), [1, 1], [0]), "by [1, 1] in front and [0] behind"]
  ],
  concatenate: [
    [() => concatenate([p(2, 3), p(2, 4)], 0), "[2, 3] and [2, 4]", "axis 0"],
    [() => concatenate([p(2, 3), p(3)], 0), "[2, 3] and [3]"],
    [() => concatenate([p(2)], 1), "axis 1"],
    [() => concatenate([p()], 0), "axis 0"],
    [() => concatenate([p(2, 3), p(2, 3)], -3), "axis -1"],
    [() => concatenate([p(2), p(2)], 0.5), "axis 0.5"],
    [() => concatenate([], 0), "at least one"],
    [() => stack([], 0), "at least one"],
    [() => stack([p(2), p(2)], 5), "axis 5"]
  ],
  broadcast: [
    [() => broadcast(p(2, 3), [3]), "[2, 3]", "stretched to [3]"],
    [() => broadcast(p(2), [3]), "[3]"],
    [() => broadcast(p(1), [0]), "[0]"],
    [() => broadcast(p(1), [1.5]), "[1.5]"],
    [() => broadcast(p(1, 1), [2, 1.5]), "[2, 1.5]"]
  ],
  sum: [
    [() => sum(p(2, 3), [2]), "[2, 3]", "axes [2]"],
    [() => sum(p(2, 3), [0, -2]), "axes [0, -2]", "distinct"],
    [() => sum(p(2, 3, 4), [0, 1, -3]), "axes [0, 1, -3]", "distinct"],
    [() => sum(p(2), [0.5]), "axes [0.5]"],
    [() => sum(p(), [0]), "rank 0"]
  ],
  add: [
    [() => add(p(2, 3), p(2)), "[2, 3] and [2]"],
    [() => addAll([p(2), p(2), p(3)]), "[2] and [3]"]
  ],
  subtract: [[() => subtract(p(2), p(3)), "[2] and [3]"]],
  multiply: [[() => multiply(p(2, 2), p(3, 1, 1, 3)), "[2, 2] and [3, 1, 1, 3]"]],
  divide: [[() => divide(p(2), p(3)), "[2] and [3]"]],
  greater: [[() => greater(p(2), p(3)), "[2] and [3]"]],
  maximum: [[() => maximum(p(2), p(3)), "[2] and [3]"]],
  clamp: [
    [() => clamp(p(2), 1, 0), "[2]", "the bounds 1 and 0 enclose nothing"],
    [() => clamp(p(2), Number.NaN, 0), "[2]", "the bounds NaN and 0 enclose nothing"]
  ],
  where: [
    [() => where(p(2), p(3), 0), "[2] and [3] and []"],
    [() => where(p(1), p(3), p(2)), "[1] and [3] and [2]"]
  ],
  max: [
    [() => max(p(2, 3), [-3]), "[2, 3]", "axes [-3]"],
    [() => max(p(2), [0, 0]), "axes [0, 0]"]
  ],
  softmax: [[() => softmax(p()), "at least one axis"]],
  matmul: [
    [() => matmul(p(2, 3), p(2, 3)), "[2, 3] and [2, 3]", "inner sizes 3 and 2"],
    [() => matmul(p(2, 3), p(2, 3), { transposeA: true, transposeB: true }), "the first transposed", "the second"],
    [() => matmul(p(3), p(3, 2)), "rank 2 or more"],
    [() => matmul(p(2, 3), p(3)), "rank 2 or more"],
    [() => matmul(p(2, 4, 3), p(3, 3, 5)), "leading axes"]
  ],
  conv2d: [
    [() => conv2d(p(2, 3, 9), p(4, 3, 2, 2)), "[2, 3, 9] and [4, 3, 2, 2]", "[batch, channels, rows, columns]"],
    [() => conv2d(p(2, 3, 9, 9), p(3, 2, 2)), "a kernel [outputs, channels, rows, columns]"],
    [() => conv2d(p(2, 3, 9, 9), p(4, 2, 3, 3)), "3 channels, but a kernel for 2"],
    [() => conv2d(p(2, 3, 9, 4), p(4, 3, 3, 3), { dilations: 2 }), "over [5, 5]", "moves in, [9, 4]"],
    [() => conv2d(p(2, 3, 2, 9), p(4, 3, 4, 4), { padding: { before: [1, 0], after: [0, 0] } }), "moves in, [3, 9]"],
    [() => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { strides: [2, 0] }), "strides [2, 0]", "positive"],
    [() => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { dilations: 1.5 }), "dilations [1.5, 1.5]"],
    [() => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { padding: -1 }), "padded by [-1, -1] in front and [-1, -1] behind"],
    [
      () => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { padding: { before: [0, -1], after: [0, 0] } }),
      "by [0, -1] in front"
    ],
    [() => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { padding: { before: [0, 0], after: [-1, 0] } }), "[-1, 0] behind"],
    // As read from a file, which the compiler does not see.
    [() => conv2d(p(2, 3, 9, 9), p(4, 3, 3, 3), { strides: JSON.parse("[1, 1, 1]") }), "strides [1, 1, 1]", "two"]
  ],
  convTranspose2d: [
    [() => convTranspose2d(p(2, 3, 9, 9), p(4, 3, 3, 3)), "3 channels, but a kernel with 4 outputs"],
    [() => convTranspose2d(p(2, 4), p(4, 3, 3, 3)), "[2, 4] and [4, 3, 3, 3]", "[batch, channels, rows, columns]"],
    [() => convTranspose2d(p(1, 4, 5, 5), p(4, 3, 3, 3), { strides: 0 }), "strides [0, 0]"],
    [
      () => convTranspose2d(p(1, 4, 5, 5), p(4, 3, 3, 3), { strides: 2, padding: 1, size: [9, 11] }),
      "cannot have size [9, 11]",
      "the sizes that convolve to [5, 5] are [9, 9] to [10, 10]"
    ],
    [() => convTranspose2d(p(1, 4, 5, 5), p(4, 3, 3, 3), { strides: 2, size: [11, 10] }), "size [11, 10]", "[11, 11]"],
    [() => convTranspose2d(p(1, 4, 5, 5), p(4, 3, 3, 3), { strides: 3, size: [15.5, 15] }), "[15.5, 15]"],
    [() => convTranspose2d(p(1, 4, 1, 1), p(4, 3, 3, 3), { padding: 2 }), "size [-1, -1]"]
  ]
}

/** These take one operand of any shape, so nothing can fail to fit. */
const alwaysFit = [
  "negate",
  "exp",
  "log",
  "sqrt",
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "softplus",
  "relu",
  "stopGradient",
  "pmean"
]

describe("operands that do not fit", () => {
  it("are tried for every primitive", () => {
    assert.deepStrictEqual([...Object.keys(mismatches), ...alwaysFit].sort(), [...primitiveNames].sort())
  })

  for (const [op, attempts] of Object.entries(mismatches)) {
    it(`throw a ShapeError that names ${op}, the shapes and this file`, () => {
      for (const [attempt, ...fragments] of attempts) {
        try {
          attempt()
        } catch (error) {
          if (!(error instanceof ShapeError)) throw error
          assert.strictEqual(error.primitive, op)
          for (const fragment of [op, ...fragments, "Rule.test.ts"]) assert.include(error.message, fragment)
          // What Node prints for an uncaught error is its stack.
          assert.include(error.stack, error.message)
          continue
        }
        assert.fail(`${attempt} did not throw`)
      }
    })
  }

  it("are exactly those whose shapes cannot be stretched to one another", () => {
    fc.assert(
      fc.property(anyShape, anyShape, (a, b) => {
        const joint = broadcastShapes(a, b)
        if (joint === undefined) assert.throws(() => add(p(...a), p(...b)), ShapeError, formatShape(a))
        else assert.deepStrictEqual(add(p(...a), p(...b)).shape, joint)
      })
    )
  })
})

describe("the message of a ShapeError", () => {
  const messageOf = (attempt: () => unknown): string => {
    try {
      attempt()
    } catch (error) {
      if (error instanceof ShapeError) return error.message
      throw error
    }
    assert.fail("did not throw")
  }
  const wrong = () => full([2, 0], 1)

  it("is one line: the primitive, its operands where there are any, what would be right, and where it was built", () => {
    assert.match(
      messageOf(wrong),
      /^full: every axis must be a positive integer, not \[2, 0\] \(written in .*\/Rule\.test\.ts:\d+\)$/
    )
    assert.match(
      messageOf(() => matmul(p(3), p(3, 2))),
      /^matmul of \[3\] and \[3, 2\]: needs matrices \(rank 2 or more\) \(/
    )
  })

  it("leaves the place out where Node keeps no stack", () => {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    try {
      assert.strictEqual(messageOf(wrong), "full: every axis must be a positive integer, not [2, 0]")
    } finally {
      Error.stackTraceLimit = limit
    }
  })
})

describe("the order of axes", () => {
  it("does not matter: the same axes make the same expression", () => {
    const x = p(2, 3, 4)
    for (const axes of [
      [1, 0],
      [-2, 0],
      [0, -2]
    ])
      assert.deepStrictEqual(sum(x, axes), sum(x, [0, 1]))
    assert.deepStrictEqual(max(x, [2, -3, 1]), max(x))
  })
})

describe("build", () => {
  it("passes on errors that are not mismatches", () => {
    const broken = {
      shape: () => {
        throw new RangeError("a defect of the rule")
      },
      gradient: () => []
    }
    assert.throws(() => build(broken, "exp", {}, [p(2)]), RangeError, "a defect of the rule")
  })

  it("turns a mismatch of any rule into a ShapeError with the operands", () => {
    const refusing = {
      shape: () => {
        throw new Mismatch("never fits")
      },
      gradient: () => []
    }
    try {
      build(refusing, "exp", {}, [p(2, 1)])
      assert.fail("did not throw")
    } catch (error) {
      assert.instanceOf(error, ShapeError)
      assert.deepStrictEqual(error instanceof ShapeError ? error.shapes : [], [[2, 1]])
    }
  })
})

describe("withInputs", () => {
  it("keeps a node whose inputs stay, and derives the shape anew where they change", () => {
    const [a, b] = [p(2), placeholder("y", [3, 1])]
    const node = add(a, a)
    assert.strictEqual(withInputs(node, [a, a]), node)
    assert.deepStrictEqual(withInputs(node, [a, b]).shape, [3, 2])
    assert.throws(() => withInputs(node, [a, p(3)]), ShapeError)
  })
})
