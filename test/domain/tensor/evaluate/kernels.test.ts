import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { add, divide, multiply, negate, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../../../../src/domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../../../../src/domain/tensor/comparison.ts"
import { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { evaluate } from "../../../../src/domain/tensor/evaluate/evaluate.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../../../../src/domain/tensor/movement.ts"
import { pmean } from "../../../../src/domain/tensor/pmean.ts"
import { max, softmax } from "../../../../src/domain/tensor/reduction.ts"
import { type Shape, sizeOf } from "../../../../src/domain/tensor/Shape.ts"
import { constant, full, normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import type { ConvolutionParameters, RowsAndColumns, Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { type DrawnOperand, operand } from "../../../../src/testing/operands.ts"
import { type PrimitiveCase, primitiveCases } from "../../../../src/testing/primitiveCases.ts"
import { assertAgree, listOf, numbersOf, placeholdersFor } from "../../../support/numbers.ts"

// The formulas below index by position, `x[i, j, ..]`, and share nothing with the kernels, which walk offsets.

type Position = ReadonlyArray<number>

/** All positions of a shape, the last axis running fastest. */
const positions = (shape: Shape): ReadonlyArray<Position> =>
  shape.reduce<ReadonlyArray<Position>>(
    (partial, n) => partial.flatMap((head) => Array.from({ length: n }, (_, i) => [...head, i])),
    [[]]
  )

/** `x[position]`; the position may have more axes than x, which are ignored, and axes of size 1 are repeated. */
const entry = ({ shape, values }: DrawnOperand, position: Position): number => {
  const own = position.slice(position.length - shape.length)
  const index = shape.reduce((total, n, axis) => total * n + (n === 1 ? 0 : (own[axis] ?? Number.NaN)), 0)
  return values[index] ?? Number.NaN
}

/** The `i`-th operand of a case. */
const given = ({ operands }: PrimitiveCase, i: number): DrawnOperand =>
  operands[i] ?? { shape: [], values: new Float64Array() }

/** Compares a primitive with a formula for the entry at each position, over all of its random cases. */
const agrees = (
  arbitrary: fc.Arbitrary<PrimitiveCase>,
  formula: (drawn: PrimitiveCase, node: Tensor, position: Position) => number
): void =>
  fc.assert(
    fc.property(arbitrary, (drawn) => {
      const { tensors, numbers } = placeholdersFor(drawn.operands)
      const node = drawn.build(tensors)
      const expected = positions(node.shape).map((position) => formula(drawn, node, position))
      assertAgree(listOf(node, numbers), expected, 1e-13, node.op)
    }),
    { numRuns: 60 }
  )

/** Where in the image entry `tap` of the kernel lies when the result's entry `result` is computed. */
const meeting = (
  { strides, dilations, before }: ConvolutionParameters,
  result: RowsAndColumns,
  tap: RowsAndColumns
): RowsAndColumns => [
  result[0] * strides[0] + tap[0] * dilations[0] - before[0],
  result[1] * strides[1] + tap[1] * dilations[1] - before[1]
]

const wrong = (node: Tensor): never => {
  throw new Error(`a case of another primitive: ${node.op}`)
}

describe("elementwise kernels, with stretching", () => {
  const two = (f: (a: number, b: number) => number) => (drawn: PrimitiveCase, _: Tensor, at: Position) =>
    f(entry(given(drawn, 0), at), entry(given(drawn, 1), at))
  const one = (f: (x: number) => number) => (drawn: PrimitiveCase, _: Tensor, at: Position) =>
    f(entry(given(drawn, 0), at))

  it("add", () =>
    agrees(
      primitiveCases.add,
      two((a, b) => a + b)
    ))
  it("subtract", () =>
    agrees(
      primitiveCases.subtract,
      two((a, b) => a - b)
    ))
  it("multiply", () =>
    agrees(
      primitiveCases.multiply,
      two((a, b) => a * b)
    ))
  it("divide", () =>
    agrees(
      primitiveCases.divide,
      two((a, b) => a / b)
    ))
  it("negate", () =>
    agrees(
      primitiveCases.negate,
      one((x) => 0 - x)
    ))
  it("greater", () =>
    agrees(
      primitiveCases.greater,
      two((a, b) => Number(a > b))
    ))
  it("maximum", () =>
    agrees(
      primitiveCases.maximum,
      two((a, b) => (a > b ? a : b))
    ))
  it("clamp", () =>
    agrees(
      primitiveCases.clamp,
      one((x) => (x < -0.8 ? -0.8 : x > 1.1 ? 1.1 : x))
    ))
  it("exp", () =>
    agrees(
      primitiveCases.exp,
      one((x) => Math.E ** x)
    ))
  it("log", () =>
    agrees(
      primitiveCases.log,
      one((x) => Math.log2(x) * Math.LN2)
    ))
  it("sqrt", () =>
    agrees(
      primitiveCases.sqrt,
      one((x) => x ** 0.5)
    ))
  it("sin", () =>
    agrees(
      primitiveCases.sin,
      one((x) => 2 * Math.sin(x / 2) * Math.cos(x / 2))
    ))
  it("cos", () =>
    agrees(
      primitiveCases.cos,
      one((x) => 1 - 2 * Math.sin(x / 2) ** 2)
    ))
  it("tanh", () =>
    agrees(
      primitiveCases.tanh,
      one((x) => (Math.exp(x) - Math.exp(-x)) / (Math.exp(x) + Math.exp(-x)))
    ))
  it("sigmoid", () =>
    agrees(
      primitiveCases.sigmoid,
      one((x) => 1 / (1 + Math.exp(-x)))
    ))
  it("softplus", () =>
    agrees(
      primitiveCases.softplus,
      one((x) => Math.log(1 + Math.exp(x)))
    ))
  it("relu", () =>
    agrees(
      primitiveCases.relu,
      one((x) => (x > 0 ? x : 0))
    ))
  it("stopGradient", () =>
    agrees(
      primitiveCases.stopGradient,
      one((x) => x)
    ))
  it("where", () =>
    agrees(primitiveCases.where, (drawn, node, at) => {
      const [condition] = node.inputs
      if (condition?.op !== "constant") return wrong(node)
      const { shape, values } = condition.parameters.data
      const truth = entry({ shape, values: Float64Array.from(values) }, at)
      return entry(given(drawn, truth !== 0 ? 0 : 1), at)
    }))
})

describe("movement kernels", () => {
  it("reshape keeps the row-major order", () =>
    agrees(primitiveCases.reshape, (drawn, node, at) => {
      const index = at.reduce((total, i, axis) => total * (node.shape[axis] ?? 1) + i, 0)
      return given(drawn, 0).values[index] ?? Number.NaN
    }))
  it("transpose", () =>
    agrees(primitiveCases.transpose, (drawn, node, at) => {
      if (node.op !== "transpose") return wrong(node)
      const from = at.map(() => 0)
      node.parameters.permutation.forEach((axis, i) => {
        from[axis] = at[i] ?? 0
      })
      return entry(given(drawn, 0), from)
    }))
  it("slice", () =>
    agrees(primitiveCases.slice, (drawn, node, at) => {
      if (node.op !== "slice") return wrong(node)
      const x = given(drawn, 0)
      const from = at.map((i, axis) => i + (node.parameters.starts[axis] ?? 0))
      // An axis of size 1 is not repeated here.
      assert.isTrue(from.every((i, axis) => i < (x.shape[axis] ?? 0)))
      return entry(x, from)
    }))
  it("pad", () =>
    agrees(primitiveCases.pad, (drawn, node, at) => {
      if (node.op !== "pad") return wrong(node)
      const x = given(drawn, 0)
      const from = at.map((i, axis) => i - (node.parameters.before[axis] ?? 0))
      return from.every((i, axis) => i >= 0 && i < (x.shape[axis] ?? 0)) ? entry(x, from) : 0
    }))
  it("concatenate", () =>
    agrees(primitiveCases.concatenate, (drawn, node, at) => {
      if (node.op !== "concatenate") return wrong(node)
      const { axis } = node.parameters
      let along = at[axis] ?? 0
      for (const part of drawn.operands) {
        const length = part.shape[axis] ?? 0
        if (along < length) return entry(part, at.with(axis, along))
        along -= length
      }
      return Number.NaN
    }))
  it("broadcast", () => agrees(primitiveCases.broadcast, (drawn, _, at) => entry(given(drawn, 0), at)))
})

describe("reducing kernels", () => {
  /** The entries of x that fall on a position of the reduced tensor. */
  const fibre = (
    x: DrawnOperand,
    axes: ReadonlyArray<number>,
    keepAxes: boolean,
    at: Position
  ): ReadonlyArray<number> =>
    positions(x.shape)
      .filter((position) => {
        const left = keepAxes
          ? position.map((i, axis) => (axes.includes(axis) ? 0 : i))
          : position.filter((_, axis) => !axes.includes(axis))
        return left.join() === at.join()
      })
      .map((position) => entry(x, position))

  it("sum", () =>
    agrees(primitiveCases.sum, (drawn, node, at) => {
      if (node.op !== "sum") return wrong(node)
      const { axes, keepAxes } = node.parameters
      return fibre(given(drawn, 0), axes, keepAxes, at).reduce((a, b) => a + b, 0)
    }))
  it("max", () =>
    agrees(primitiveCases.max, (drawn, node, at) => {
      if (node.op !== "max") return wrong(node)
      const { axes, keepAxes } = node.parameters
      return fibre(given(drawn, 0), axes, keepAxes, at).toSorted((a, b) => b - a)[0] ?? Number.NaN
    }))
  it("softmax", () =>
    agrees(primitiveCases.softmax, (drawn, node, at) => {
      const width = node.shape.at(-1) ?? 1
      const power = (i: number) => Math.exp(entry(given(drawn, 0), at.with(-1, i)))
      return power(at.at(-1) ?? 0) / Array.from({ length: width }, (_, i) => power(i)).reduce((a, b) => a + b)
    }))
  it("matmul, both operands as they are or transposed, batches stretched", () =>
    agrees(primitiveCases.matmul, (drawn, node, at) => {
      // The case's own flags: `matmul` may have put reshapes around a smaller product.
      const [a, b] = [given(drawn, 0), given(drawn, 1)]
      const product = node.op === "reshape" ? node.inputs[0] : node
      if (product.op !== "matmul") return wrong(node)
      const { transposeA, transposeB } = product.parameters
      const [batch, [i = 0, j = 0]] = [at.slice(0, -2), at.slice(-2)]
      const inner = a.shape.at(transposeA ? -2 : -1) ?? 1
      return Array.from(
        { length: inner },
        (_, k) =>
          entry(a, [...batch, ...(transposeA ? [k, i] : [i, k])]) *
          entry(b, [...batch, ...(transposeB ? [j, k] : [k, j])])
      ).reduce((total, term) => total + term, 0)
    }))

  it("conv2d", () =>
    agrees(primitiveCases.conv2d, (drawn, node, at) => {
      if (node.op !== "conv2d") return wrong(node)
      const [x, kernel] = [given(drawn, 0), given(drawn, 1)]
      const [b = 0, o = 0, i = 0, j = 0] = at
      return positions(kernel.shape.slice(1))
        .map(([c = 0, p = 0, q = 0]) => {
          const [row, column] = meeting(node.parameters, [i, j], [p, q])
          const inside = row >= 0 && row < (x.shape[2] ?? 0) && column >= 0 && column < (x.shape[3] ?? 0)
          return inside ? entry(x, [b, c, row, column]) * entry(kernel, [o, c, p, q]) : 0
        })
        .reduce((total, term) => total + term, 0)
    }))
  it("convTranspose2d", () =>
    agrees(primitiveCases.convTranspose2d, (drawn, node, at) => {
      if (node.op !== "convTranspose2d") return wrong(node)
      const [y, kernel] = [given(drawn, 0), given(drawn, 1)]
      const [b = 0, c = 0, u = 0, v = 0] = at
      const [outputs = 1, , ...taps] = kernel.shape
      return positions([outputs, ...y.shape.slice(2), ...taps])
        .map(([o = 0, i = 0, j = 0, p = 0, q = 0]) => {
          const [row, column] = meeting(node.parameters, [i, j], [p, q])
          return row === u && column === v ? entry(y, [b, o, i, j]) * entry(kernel, [o, c, p, q]) : 0
        })
        .reduce((total, term) => total + term, 0)
    }))

  it("one product for a whole batch is the batch's products", () => {
    fc.assert(
      fc.property(fc.boolean(), operand([2, 3, 4]), operand([4, 5]), (transposeB, a, b) => {
        const { tensors, numbers } = placeholdersFor([a, b])
        const [left = full([], 0), right = full([], 0)] = tensors
        const joint = matmul(left, transposeB ? transpose(right) : right, { transposeB })
        assert.deepStrictEqual(joint.shape, [2, 3, 5])
        assert.strictEqual(joint.op, "reshape")
        const separate = matmul(left, broadcast(right, [2, 4, 5]))
        assertAgree(listOf(joint, numbers), listOf(separate, numbers), 1e-13, "batch")
      })
    )
  })
})

describe("sources", () => {
  it("fill and literal hold what they say", () => {
    assert.deepStrictEqual(listOf(full([2, 2], -0.5)), [-0.5, -0.5, -0.5, -0.5])
    assert.deepStrictEqual(listOf(constant({ shape: [3], values: Float64Array.of(1, 2, 3) })), [1, 2, 3])
  })
  it("placeholders and noise are asked for, once each", () => {
    const asked: Array<string> = []
    const [x, z] = [placeholder("x", [2]), normalNoise("z", [2])]
    evaluate([add(x, z), multiply(x, z), x], (source) => {
      asked.push(source.op)
      return Float64Array.of(1, 2)
    })
    assert.deepStrictEqual(asked.sort(), ["noise", "placeholder"])
  })
  it("must be given as many numbers as they hold", () => {
    const short = () => Float64Array.of(1)
    assert.throws(() => evaluate([placeholder("x", [2])], short), RangeError, /x has shape \[2\], but 1 numbers/)
    assert.throws(() => evaluate([normalNoise("z", [2])], short), RangeError, /noise "z" has shape \[2\]/)
  })
})

describe("the ends of the number line follow IEEE 754", () => {
  const [infinity, nan] = [Number.POSITIVE_INFINITY, Number.NaN]
  const x = placeholder("x", [5])
  const at = (y: Tensor, ...values: ReadonlyArray<number>) => {
    const padded = Float64Array.from({ length: 5 }, (_, i) => values[i] ?? 0)
    return (numbersOf([y], { x: padded })[0] ?? new Float64Array()).subarray(0, values.length)
  }
  const check = (y: Tensor, values: ReadonlyArray<number>, expected: ReadonlyArray<number>) =>
    assert.deepStrictEqual([...at(y, ...values)], [...expected])

  it("division by zero", () => check(divide(x, 0), [1, -1, 0, nan], [infinity, -infinity, nan, nan]))
  it("log", () => check(log(x), [0, -1, infinity, nan], [-infinity, nan, infinity, nan]))
  it("sqrt", () => check(sqrt(x), [-1, infinity, nan], [nan, infinity, nan]))
  it("sin and cos of infinity", () => {
    check(sin(x), [-infinity, 0, infinity, nan], [nan, 0, nan, nan])
    check(cos(x), [-infinity, 0, infinity, nan], [nan, 1, nan, nan])
  })
  it("exp", () => check(exp(x), [-infinity, 1000, nan], [0, infinity, nan]))
  it("sigmoid and tanh saturate", () => {
    check(sigmoid(x), [-infinity, -1000, 1000, infinity, nan], [0, 0, 1, 1, nan])
    check(tanh(x), [-infinity, -1000, 1000, infinity, nan], [-1, -1, 1, 1, nan])
  })
  it("softplus does not overflow", () =>
    check(softplus(x), [-infinity, -1000, 1000, infinity, nan], [0, 0, 1000, infinity, nan]))
  it("NaN compares false, and stays NaN in maxima, clamp and relu", () => {
    check(greater(x, 0), [nan, infinity, -infinity, 0], [0, 1, 0, 0])
    check(maximum(x, 0), [nan, -infinity, 1], [nan, 0, 1])
    check(maximum(0, x), [nan], [nan])
    check(clamp(x, -1, 1), [nan, infinity, -infinity], [nan, 1, -1])
    check(relu(x), [nan, -infinity, infinity], [nan, 0, infinity])
  })
  it("select takes anything but 0 for true, and does not mix the branches", () =>
    check(where(x, 1, divide(x, 0)), [nan, -2, 0.5], [1, 1, 1]))
  it("sum and max pass NaN on", () => {
    assert.deepStrictEqual([...at(sum(x), 1, nan)], [nan])
    assert.deepStrictEqual([...at(max(x), 1, nan, 3, 4, 5)].slice(0, 1), [nan])
    assert.deepStrictEqual(listOf(max(x), { x: [-infinity, -infinity, -infinity, -infinity, -infinity] }), [-infinity])
  })
  it("sigmoid keeps what is left far below zero", () =>
    check(sigmoid(x), [-720, -infinity, infinity], [Math.exp(-720), 0, 1]))
  it("the mean over the shards of one is what it is of", () => check(pmean(x), [nan, 2], [nan, 2]))
  it("softmax does not overflow, and gives no weight to -Infinity", () => {
    assert.deepStrictEqual(listOf(softmax(x), { x: [1000, 1000, -infinity, -infinity, 0] }), [0.5, 0.5, 0, 0, 0])
  })
  it("0 times infinity is NaN in products", () => {
    const product = matmul(reshape(x, [1, 5]), constant({ shape: [5, 1], values: new Float64Array(5) }))
    assert.deepStrictEqual(listOf(product, { x: [1, 2, infinity, 0, 0] }), [nan])
    assert.deepStrictEqual([...at(multiply(x, 0), infinity, 1)], [nan, 0])
  })
  it("moving keeps NaN and the sign of zero", () => {
    const moved = slice(pad(concatenate([x, negate(negate(x))], 0), [1], [1]), [1], [5])
    check(subtract(moved, 0), [nan, -0, infinity], [nan, -0, infinity])
    assert.strictEqual(sizeOf(moved.shape), 5)
  })
})
