import * as fc from "fast-check"
import { add, divide, multiply, negate, square, subtract } from "../domain/tensor/arithmetic.ts"
import { broadcast, sum } from "../domain/tensor/broadcast.ts"
import { clamp, greater, maximum, where } from "../domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../domain/tensor/convolution.ts"
import { cos, exp, log, relu, sigmoid, sin, softplus, sqrt, stopGradient, tanh } from "../domain/tensor/elementwise.ts"
import { matmul } from "../domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../domain/tensor/movement.ts"
import { pmean } from "../domain/tensor/pmean.ts"
import { max, softmax } from "../domain/tensor/reduction.ts"
import { broadcastShapes, type Shape, sameShape, sizeOf } from "../domain/tensor/Shape.ts"
import { bernoulliNoise, constant, full, normalNoise, placeholder, uniformNoise } from "../domain/tensor/source.ts"
import type { Op, Tensor } from "../domain/tensor/Tensor.ts"
import type { NamedNumbers } from "./programs.ts"

/** A random expression graph: its placeholders with numbers, and as roots what nothing else uses. */
export interface RandomExpressions {
  readonly placeholders: ReadonlyArray<Tensor>
  readonly numbers: NamedNumbers
  readonly roots: ReadonlyArray<Tensor>
}

/** An expression and a bound on its numbers' magnitude. */
export interface Entry {
  readonly tensor: Tensor
  readonly bound: number
}

/** Makes choices from drawn numbers: `0 .. n - 1`. */
export type Choose = (n: number) => number

const greatestSize = 256
const greatestBound = 50

/** Makes choices of a list of numbers, which is gone through again and again. */
export const chooser = (drawn: ReadonlyArray<number>): Choose => {
  let used = 0
  return (n) => {
    used += 1
    return (drawn[(used - 1) % drawn.length] ?? 0) % n
  }
}

// NamedNumbers that no sum or product of simple constants meets, so that comparisons have no ties and kinks are not hit:
// a rewriting may then change the last bit of an operand without changing the outcome.
const irregular = (i: number): number => 0.01371 * (1 + i) + 0.000173 * i * i

const offKink = (x: Tensor): Tensor => add(x, irregular(0))

const ramp = (shape: Shape): Tensor =>
  constant({ shape, values: Float64Array.from({ length: sizeOf(shape) }, (_, i) => irregular(i)) })

const moderate = ({ tensor, bound }: Entry): Entry =>
  bound > greatestBound ? { tensor: tanh(tensor), bound: 1 } : { tensor, bound }

/** One more expression from those there are, by primitive. A single use of a primitive may bring some others along. */
const growths: { readonly [K in Exclude<Op, "placeholder">]: (pool: ReadonlyArray<Entry>, choose: Choose) => Entry } = {
  full: (pool, choose) => {
    const value = [0, 1, -1, 2, 0.5][choose(5)] ?? 0
    return { tensor: full(pick(pool, choose).tensor.shape, value), bound: 2 }
  },
  constant: (pool, choose) => ({ tensor: ramp(pick(pool, choose).tensor.shape), bound: 20 }),
  noise: (pool, choose) => {
    const { shape } = pick(pool, choose).tensor
    const stream = `noise ${shape.join("x")}`
    return (
      [
        { tensor: normalNoise(stream, shape), bound: 7 },
        { tensor: uniformNoise(`${stream}, uniform`, shape), bound: 1 },
        { tensor: bernoulliNoise(`${stream}, bernoulli`, 0.6, shape), bound: 1 }
      ][choose(3)] ?? { tensor: full(shape, 0), bound: 0 }
    )
  },
  reshape: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const { shape } = tensor
    const at = choose(shape.length + 1)
    return { tensor: reshape(tensor, choose(2) === 0 ? shape.toSpliced(at, 0, 1) : [sizeOf(shape)]), bound }
  },
  transpose: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const rank = tensor.shape.length
    if (rank < 2 || choose(2) === 0) return { tensor: transpose(tensor), bound }
    const axes = tensor.shape.map((_, axis) => axis)
    return { tensor: transpose(tensor, [...axes.slice(0, -2), rank - 1, rank - 2]), bound }
  },
  slice: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const starts = tensor.shape.map((n) => choose(n))
    return {
      tensor: slice(
        tensor,
        starts,
        tensor.shape.map((n, axis) => 1 + choose(n - (starts[axis] ?? 0)))
      ),
      bound
    }
  },
  pad: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    return {
      tensor: pad(
        tensor,
        tensor.shape.map(() => choose(2)),
        tensor.shape.map(() => choose(2))
      ),
      bound
    }
  },
  concatenate: (pool, choose) => {
    const first = pick(pool, choose)
    if (first.tensor.shape.length === 0) return first
    const others = pool.filter(({ tensor }) => sameShape(tensor.shape, first.tensor.shape))
    const parts = [first, pick(others, choose), ...(choose(2) === 0 ? [] : [pick(others, choose)])]
    return {
      tensor: concatenate(
        parts.map(({ tensor }) => tensor),
        choose(first.tensor.shape.length)
      ),
      bound: Math.max(...parts.map(({ bound }) => bound))
    }
  },
  broadcast: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const stretched = tensor.shape.map((n) => (n === 1 ? 1 + choose(3) : n))
    return { tensor: broadcast(tensor, choose(2) === 0 ? stretched : [2, ...stretched]), bound }
  },
  sum: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const axes = tensor.shape.flatMap((_, axis) => (choose(2) === 0 ? [axis] : []))
    return { tensor: sum(tensor, axes, choose(2) === 0), bound: bound * sizeOf(tensor.shape) }
  },
  add: (pool, choose) => pairwise(pool, choose, add, (a, b) => a + b),
  subtract: (pool, choose) => pairwise(pool, choose, subtract, (a, b) => a + b),
  multiply: (pool, choose) => pairwise(pool, choose, multiply, (a, b) => a * b),
  divide: (pool, choose) =>
    choose(3) === 0
      ? pairwise(
          pool,
          choose,
          (a) => divide(a, [2, -1, 0.5][choose(3)] ?? 1),
          (a) => 2 * a
        )
      : pairwise(
          pool,
          choose,
          (a, b) => divide(a, add(square(b), 0.5)),
          (a) => 2 * a
        ),
  negate: (pool, choose) => pointwise(pool, choose, negate),
  greater: (pool, choose) =>
    pairwise(
      pool,
      choose,
      (a, b) => greater(a, offKink(b)),
      () => 1
    ),
  where: (pool, choose) => {
    const condition = greater(offKink(pick(pool, choose).tensor), 0)
    const whenTrue = partner(pool, choose, condition.shape)
    const joint = broadcastShapes(condition.shape, whenTrue.tensor.shape) ?? []
    const otherwise = partner(pool, choose, joint)
    return {
      tensor: where(condition, whenTrue.tensor, otherwise.tensor),
      bound: Math.max(whenTrue.bound, otherwise.bound)
    }
  },
  maximum: (pool, choose) =>
    pairwise(
      pool,
      choose,
      (a, b) => maximum(a, offKink(b)),
      (a, b) => Math.max(a, b) + 1
    ),
  clamp: (pool, choose) => pointwise(pool, choose, (x) => clamp(x, -0.7391, 1.2173)),
  exp: (pool, choose) => pointwise(pool, choose, (x) => exp(tanh(x)), 3),
  log: (pool, choose) => pointwise(pool, choose, (x) => log(add(square(x), 0.5)), 8),
  sqrt: (pool, choose) => pointwise(pool, choose, (x) => sqrt(add(square(x), 0.5))),
  sin: (pool, choose) => pointwise(pool, choose, (x) => sin(tanh(x)), 1),
  cos: (pool, choose) => pointwise(pool, choose, (x) => cos(tanh(x)), 1),
  tanh: (pool, choose) => pointwise(pool, choose, tanh, 1),
  sigmoid: (pool, choose) => pointwise(pool, choose, sigmoid, 1),
  softplus: (pool, choose) => pointwise(pool, choose, softplus),
  relu: (pool, choose) => pointwise(pool, choose, (x) => relu(offKink(x))),
  stopGradient: (pool, choose) => pointwise(pool, choose, stopGradient),
  pmean: (pool, choose) => pointwise(pool, choose, pmean),
  max: (pool, choose) => {
    const { tensor, bound } = pick(pool, choose)
    const axes = tensor.shape.flatMap((_, axis) => (choose(2) === 0 ? [axis] : []))
    return { tensor: max(add(tensor, ramp(tensor.shape)), axes, choose(2) === 0), bound: bound + 20 }
  },
  softmax: (pool, choose) => {
    const ranked = pool.filter(({ tensor }) => tensor.shape.length > 0)
    return pointwise(ranked, choose, softmax, 1)
  },
  matmul: (pool, choose) => {
    const matrices = pool.filter(({ tensor }) => tensor.shape.length >= 2)
    const a = pick(matrices, choose)
    const [transposeA, transposeB] = [choose(2) === 0, choose(2) === 0]
    const inner = a.tensor.shape.at(transposeA ? -2 : -1) ?? 1
    const fitting = matrices.filter(
      ({ tensor }) =>
        tensor.shape.at(transposeB ? -1 : -2) === inner &&
        broadcastShapes(a.tensor.shape.slice(0, -2), tensor.shape.slice(0, -2)) !== undefined
    )
    // A matrix fits itself, transposed the other way, so there is always one.
    return fitting.length === 0
      ? { tensor: matmul(a.tensor, a.tensor, { transposeA, transposeB: !transposeA }), bound: a.bound ** 2 * inner }
      : multiplied(a, pick(fitting, choose), inner, { transposeA, transposeB })
  },
  conv2d: (pool, choose) => {
    const [a, b] = [pick(pool, choose), pick(pool, choose)]
    const [x, kernel] = [oneChannel(a.tensor), oneChannel(b.tensor)]
    const missing = (axis: number): number => Math.max(0, (kernel.shape[axis] ?? 1) - (x.shape[axis] ?? 1))
    return {
      tensor: conv2d(x, kernel, {
        strides: 1 + choose(2),
        padding: { before: [choose(2), choose(2)], after: [missing(2), missing(3)] }
      }),
      bound: a.bound * b.bound * sizeOf(kernel.shape.slice(1))
    }
  },
  convTranspose2d: (pool, choose) => {
    const [a, b] = [pick(pool, choose), pick(pool, choose)]
    const kernel = transpose(oneChannel(b.tensor), [1, 0, 2, 3])
    return {
      tensor: convTranspose2d(oneChannel(a.tensor), kernel, { strides: 1 + choose(2) }),
      bound: a.bound * b.bound * sizeOf(kernel.shape.slice(2))
    }
  }
}

/** Matrices as images of one channel: `[.., rows, columns]` as `[batch, 1, rows, columns]`. */
const oneChannel = (x: Tensor): Tensor => {
  const [rows, columns] = [x.shape.at(-2) ?? 1, x.shape.at(-1) ?? 1]
  return reshape(x, [sizeOf(x.shape) / (rows * columns), 1, rows, columns])
}

const multiplied = (
  a: Entry,
  b: Entry,
  inner: number,
  flags: { readonly transposeA: boolean; readonly transposeB: boolean }
): Entry => ({ tensor: matmul(a.tensor, b.tensor, flags), bound: a.bound * b.bound * inner })

const pick = (pool: ReadonlyArray<Entry>, choose: Choose): Entry => {
  // Later entries are chosen more often: the graph gets deep.
  const entry = pool[pool.length - 1 - Math.min(choose(pool.length), choose(pool.length))]
  if (entry === undefined) throw new Error("a random expression needs something to start from")
  return entry
}

/** An expression that fits `shape` by stretching; a scalar constant every now and then. */
const partner = (pool: ReadonlyArray<Entry>, choose: Choose, shape: Shape): Entry => {
  if (choose(4) === 0) return { tensor: full([], [0, 1, -1, 3][choose(4)] ?? 0), bound: 3 }
  return pick(
    pool.filter(({ tensor }) => {
      const joint = broadcastShapes(tensor.shape, shape)
      return joint !== undefined && sizeOf(joint) <= greatestSize
    }),
    choose
  )
}

const pointwise = (
  pool: ReadonlyArray<Entry>,
  choose: Choose,
  build: (x: Tensor) => Tensor,
  greatest = Number.POSITIVE_INFINITY
): Entry => {
  const { tensor, bound } = pick(pool, choose)
  return { tensor: build(tensor), bound: Math.min(bound + 1, greatest) }
}

const pairwise = (
  pool: ReadonlyArray<Entry>,
  choose: Choose,
  build: (a: Tensor, b: Tensor) => Tensor,
  bound: (a: number, b: number) => number
): Entry => {
  const a = pick(pool, choose)
  const b = partner(pool, choose, a.tensor.shape)
  const [left, right] = choose(2) === 0 ? [a, b] : [b, a]
  return { tensor: build(left.tensor, right.tensor), bound: bound(left.bound, right.bound) }
}

const growers = Object.values(growths)

/** `x` and `w` share a size, so that products, sums over a batch and repeated use of a weight are common. */
const sources: ReadonlyArray<Tensor> = [
  placeholder("x", [3, 2]),
  placeholder("w", [2, 2]),
  placeholder("b", [2]),
  placeholder("c", [2, 1, 2]),
  placeholder("s", [])
]

const inputNumbers: fc.Arbitrary<NamedNumbers> = fc
  .tuple(
    ...sources.map(({ shape }) =>
      fc.array(fc.integer({ min: -128, max: 128 }), { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
    )
  )
  .map((lists) =>
    Object.fromEntries(
      lists.map((list, i) => {
        const source = sources[i]
        const name = source?.op === "placeholder" ? source.parameters.name : ""
        return [name, Float64Array.from(list, (n) => n / 64)]
      })
    )
  )

/**
 * Random well-typed graphs over a few placeholders: every primitive can occur, subexpressions are shared, numbers stay
 * moderate, and no comparison is near a tie. Depth grows with `greatestSteps`.
 */
export const randomExpressions = (greatestSteps = 30): fc.Arbitrary<RandomExpressions> =>
  fc
    .record({
      // `size: "max"`: without it, few graphs have more than ten steps.
      steps: fc.array(fc.array(fc.nat(719), { minLength: 8, maxLength: 8 }), {
        minLength: 1,
        maxLength: greatestSteps,
        size: "max"
      }),
      numbers: inputNumbers
    })
    .map(({ steps, numbers }) => {
      const pool: Array<Entry> = sources.map((tensor) => ({ tensor, bound: 2 }))
      for (const drawn of steps) {
        const choose = chooser(drawn)
        const grow = growers[choose(growers.length)] ?? growths.add
        const entry = moderate(grow(pool, choose))
        if (sizeOf(entry.tensor.shape) <= greatestSize && entry.tensor.shape.length <= 5) pool.push(entry)
      }
      const used = new Set(pool.flatMap(({ tensor }) => tensor.inputs))
      const roots = pool.slice(sources.length).flatMap(({ tensor }) => (used.has(tensor) ? [] : [tensor]))
      return { placeholders: sources, numbers, roots: roots.length === 0 ? sources : roots }
    })
