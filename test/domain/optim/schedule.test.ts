import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  checkedSchedule,
  cosine,
  exponential,
  joined,
  linear,
  piecewise,
  type Schedule,
  valueAt,
  warmup,
  warmupCosine
} from "../../../src/domain/optim/schedule.ts"
import { divide, multiply, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { broadcast } from "../../../src/domain/tensor/broadcast.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"

const count = placeholder("count", [])
const at = (schedule: Schedule, updates: number): number =>
  evaluateOne(valueAt(schedule, count), { count: [updates] })[0] ?? Number.NaN

const rate = fc.double({ min: -2, max: 2, noNaN: true })
const length = fc.integer({ min: 1, max: 1000 })
const done = fc.integer({ min: 0, max: 3000 })

describe("a schedule", () => {
  it("is its formula at every count, and constant beyond its end", () => {
    fc.assert(
      fc.property(rate, rate, length, done, (from, to, updates, t) => {
        const share = Math.min(t / updates, 1)
        assert.closeTo(at(from, t), from, 1e-12)
        assert.closeTo(at(linear(from, to, updates), t), from + (to - from) * share, 1e-12)
        assert.closeTo(at(exponential(from, 0.5, updates), t), from * 0.5 ** (t / updates), 1e-12)
        assert.closeTo(
          at(cosine(from, updates, to), t),
          to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2,
          1e-12
        )
        assert.closeTo(at(warmup(from, updates), t), from * Math.min((t + 1) / updates, 1), 1e-12)
      })
    )
  })

  it.each<readonly [string, Schedule, ReadonlyArray<readonly [t: number, value: number]>]>([
    [
      "linear",
      linear(1, 3, 4),
      [
        [0, 1],
        [2, 2],
        [4, 3],
        [5, 3],
        [1e6, 3]
      ]
    ],
    [
      "exponential",
      exponential(8, 0.5, 2),
      [
        [0, 8],
        [2, 4],
        [6, 1]
      ]
    ],
    [
      "cosine",
      cosine(2, 10),
      [
        [0, 2],
        [5, 1],
        [10, 0],
        [11, 0]
      ]
    ],
    [
      "cosine to an end",
      cosine(2, 10, 1),
      [
        [0, 2],
        [5, 1.5],
        [10, 1],
        [99, 1]
      ]
    ],
    [
      "warmup",
      warmup(1, 4),
      [
        [0, 0.25],
        [2, 0.75],
        [3, 1],
        [4, 1],
        [100, 1]
      ]
    ],
    [
      "warmupCosine",
      warmupCosine(2, 4, 14, 1),
      [
        [0, 0],
        [2, 1],
        [4, 2],
        [9, 1.5],
        [14, 1],
        [1e5, 1]
      ]
    ],
    [
      "piecewise",
      piecewise([1, 0.1, 0.01], [3, 5]),
      [
        [0, 1],
        [2, 1],
        [3, 0.1],
        [4, 0.1],
        [5, 0.01],
        [1e6, 0.01]
      ]
    ],
    [
      "schedules that are joined",
      joined([linear(0, 1, 2), 7, linear(5, 6, 1)], [2, 4]),
      [
        [0, 0],
        [1, 0.5],
        [2, 7],
        [3, 7],
        [4, 5],
        [5, 6],
        [6, 6]
      ]
    ],
    // Before its turn it would be beyond all bounds.
    [
      "one that begins late",
      joined([1, exponential(1, 0.5, 1)], [5000]),
      [
        [0, 1],
        [4999, 1],
        [5000, 1],
        [5001, 0.5]
      ]
    ]
  ])("has the values that its bounds say: %s", (_, schedule, values) => {
    for (const [t, value] of values) assert.closeTo(at(schedule, t), value, 1e-9, `after ${t} updates`)
    assert.strictEqual(checkedSchedule(schedule, "the rate"), schedule)
  })
})

describe("checkedSchedule", () => {
  it("says after how many updates a schedule is no finite number", () => {
    const pole: Schedule = (t) => divide(1, subtract(t, 10))
    assert.throws(
      () => checkedSchedule(pole, "the learning rate"),
      RangeError,
      "the learning rate is a schedule that gives Infinity after 10 updates"
    )
    const growing: Schedule = exponential(1, 10, 1)
    assert.throws(
      () => checkedSchedule(growing, "the scale"),
      RangeError,
      /the scale is a schedule that gives Infinity after 1000/
    )
  })

  it("refuses what is no tensor of one number", () => {
    const wide: Schedule = (t) => broadcast(t, [2])
    const message = "the rate is a schedule that gives something else than a tensor of shape []"
    assert.throws(() => checkedSchedule(wide, "the rate"), TypeError, message)
    // @ts-expect-error: a number is no tensor
    const plain: Schedule = () => 0.1
    assert.throws(() => checkedSchedule(plain, "the rate"), TypeError, message)
  })

  it("refuses a schedule that follows something else than the count of updates", () => {
    const other: Schedule = (t: Tensor) => multiply(t, placeholder("loss", []))
    assert.throws(
      () => checkedSchedule(other, "the rate"),
      TypeError,
      "the rate is a schedule that depends on more than the count of updates"
    )
  })
})

describe("schedules that contradict themselves", () => {
  it("are refused if they are joined at other than ascending updates, one fewer than there are schedules", () => {
    assert.throws(() => joined([1, 2], []), RangeError, "2 schedules are joined at 1 updates, not 0")
    assert.throws(() => joined([], []), RangeError, "0 schedules are joined")
    assert.throws(() => piecewise([1], [3]), RangeError, "1 schedules are joined at 0 updates, not 1")
    for (const bounds of [
      [5, 5],
      [5, 3],
      [0, 3],
      [-1, 3],
      [Number.NaN, 3],
      [3, Number.NaN]
    ]) {
      assert.throws(
        () => joined([1, 2, 3], bounds),
        RangeError,
        `schedules are joined at ascending updates, not at ${bounds.join(", ")}`
      )
    }
  })

  it("are refused if they go over no updates, or fewer", () => {
    for (const updates of [0, -3, Number.NaN]) {
      for (const make of [
        () => linear(1, 0, updates),
        () => cosine(1, updates),
        () => warmup(1, updates),
        () => exponential(1, 0.9, updates)
      ]) {
        assert.throws(make, RangeError, `a schedule goes over a positive number of updates, not ${updates}`)
      }
    }
    assert.throws(
      () => warmupCosine(1, 100, 50),
      RangeError,
      "a schedule goes over a positive number of updates, not -50"
    )
  })
})
