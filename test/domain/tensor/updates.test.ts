import { assert, describe, it } from "@effect/vitest"
import { add, divide, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { exp, sqrt } from "../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../src/domain/tensor/pmean.ts"
import { printExpressions } from "../../../src/domain/tensor/print.ts"
import { constant, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"
import { stagesOf } from "../../../src/domain/tensor/stages.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { updatesOf } from "../../../src/domain/tensor/updates.ts"

/** Two parameters and a moment of the first; the loss of the second sees the first as it has become. */
const program = (() => {
  const [w, m, v, count] = [
    placeholder("w", [2, 2]),
    placeholder("m", [2, 2]),
    placeholder("v", [3]),
    placeholder("count", [])
  ]
  const x = placeholder("x", [2, 2])
  const gradient = matmul(x, w)
  const counted = add(count, 1)
  const moment = add(multiply(m, 0.5), square(gradient))
  const moved = subtract(w, divide(multiply(gradient, exp(counted)), add(sqrt(moment), 1)))
  const later = add(v, sum(matmul(x, moved)))
  return makeProgram({
    name: "two players",
    state: { w, m, v, count },
    inputs: { x },
    next: { w: moved, m: moment, v: later, count: counted },
    outputs: { size: sum(square(later)) }
  })
})()

const names = (leaves: ReadonlyArray<Tensor>): ReadonlyArray<string> =>
  leaves.map((leaf) => (leaf.op === "placeholder" ? leaf.parameters.name : leaf.op)).toSorted()

describe("updatesOf", () => {
  it("joins what one gradient moves, and leaves single numbers to the engine", () => {
    const found = updatesOf(program).map(({ next, leaves }) => [Object.keys(next).toSorted(), names(leaves)])
    assert.deepStrictEqual(found, [
      [
        ["m", "w"],
        ["exp", "m", "matmul", "w"]
      ],
      [["v"], ["sum", "v"]]
    ])
  })

  it("takes no next state that does not depend on what it was, or is not elementwise", () => {
    const [a, b, c] = [placeholder("a", [2]), placeholder("b", [2]), placeholder("c", [2, 2])]
    const x = placeholder("x", [2])
    const none = makeProgram({
      name: "no update",
      state: { a, b, c },
      inputs: { x },
      next: { a: multiply(x, 2), b: exp(b), c: add(c, x) },
      outputs: {}
    })
    assert.deepStrictEqual(updatesOf(none), [])
  })
})

describe("updatesOf states that share", () => {
  const [a, b, c] = [placeholder("a", [3]), placeholder("b", [3]), placeholder("c", [3])]
  const [x, y, rate] = [placeholder("x", [3]), placeholder("y", [3]), placeholder("rate", [])]
  const pathsOf = (next: Readonly<Record<string, Tensor>>) =>
    updatesOf(makeProgram({ name: "p", state: { a, b, c }, inputs: { x, y, rate }, next, outputs: {} })).map(
      ({ next }) => Object.keys(next).toSorted()
    )

  it("joins two updates by a third that has a tensor in common with each", () => {
    assert.deepStrictEqual(pathsOf({ a: add(a, x), b: add(b, y), c: add(c, multiply(x, y)) }), [["a", "b", "c"]])
  })

  it("does not join updates that share a single number alone", () => {
    assert.deepStrictEqual(pathsOf({ a: add(a, multiply(x, rate)), b: add(b, multiply(y, rate)), c }), [["a"], ["b"]])
  })

  it("takes no tensor that becomes two states", () => {
    const moved = add(a, x)
    assert.deepStrictEqual(pathsOf({ a: moved, b: moved, c: add(c, y) }), [["c"]])
  })
})

describe("updates that wait for one another", () => {
  // `b` moves by the sum of what `a` has become, and both by `x`.
  const [a, b, x] = [placeholder("a", [3]), placeholder("b", [3]), placeholder("x", [3])]
  const moved = add(a, x)
  const waiting = makeProgram({
    name: "waiting",
    state: { a, b },
    inputs: { x },
    next: { a: moved, b: multiply(add(b, x), sum(moved)) },
    outputs: {}
  })

  it("are not one, though they have a tensor in common", () => {
    assert.deepStrictEqual(
      updatesOf(waiting).map(({ next }) => Object.keys(next)),
      [["a"], ["b"]]
    )
  })

  it("are made in turns, each of what the one before has made", () => {
    const [first, second] = stagesOf(waiting, updatesOf(waiting))
    const made = first?.updates[0]?.next["a"] ?? ""
    assert.include(printExpressions(Object.values(second?.kept ?? {})), `sum(${made})`)
  })
})

describe("stagesOf a program cut at its updates", () => {
  const stages = stagesOf(program, updatesOf(program))
  const printed = (expressions: Readonly<Record<string, Tensor>>) =>
    mapRecord(expressions, (tensor) => printExpressions([tensor]).replaceAll(/ +/g, " "))

  it("computes what an update is made of, makes it, and goes on with what it made", () => {
    assert.deepStrictEqual(
      stages.map(({ updates }) => updates.map(({ next }) => Object.keys(next).toSorted())),
      [[["m", "w"]], [["v"]], []]
    )
    const [first, second] = stages
    const w = first?.updates[0]?.next["w"] ?? ""
    assert.include(Object.values(printed(first?.kept ?? {})).join(), "matmul(x, w)")
    assert.include(Object.values(printed(second?.kept ?? {})).join(), `matmul(x, ${w})`)
    assert.deepStrictEqual(Object.keys(second?.next ?? {}), [])
  })

  it("gives each result of an update one name, and leaves its states out of what stages make", () => {
    for (const { results, next } of stages.flatMap(({ updates }) => updates)) {
      assert.sameMembers(Object.keys(results), Object.values(next))
    }
    assert.deepStrictEqual(
      stages.flatMap(({ next }) => Object.keys(next)),
      ["count"]
    )
  })

  it("uses no name that is not made before, though what an update makes is used between its states", () => {
    const [m, v, w, x] = [
      placeholder("m", [2, 2]),
      placeholder("v", [3]),
      placeholder("w", [2, 2]),
      placeholder("x", [2, 2])
    ]
    const gradient = matmul(x, w)
    const moment = add(multiply(m, 0.5), gradient)
    const between = makeProgram({
      name: "between",
      state: { m, v, w },
      inputs: { x },
      next: { m: moment, v: add(v, sum(matmul(x, moment))), w: subtract(w, add(moment, gradient)) },
      outputs: {}
    })
    const known = new Set(["m", "v", "w", "x"])
    for (const { means, kept, next, outputs, updates } of stagesOf(between, updatesOf(between))) {
      for (const made of [{ ...means, ...kept }, { ...next, ...outputs }, ...updates.map(({ results }) => results)]) {
        for (const node of inputsFirst(Object.values(made))) {
          if (node.op === "placeholder") assert.isTrue(known.has(node.parameters.name), node.parameters.name)
        }
        for (const name of Object.keys(made)) known.add(name)
      }
    }
  })

  it("waits no longer for a mean than it takes, and keeps what was there long before", () => {
    const [w, x] = [placeholder("w", [2]), placeholder("x", [2])]
    const cut = (next: Tensor, outputs: Readonly<Record<string, Tensor>> = {}) => {
      const shards = { count: 2, examples: 2, inputs: ["x"] }
      const one = makeProgram({ name: "shards", state: { w }, inputs: { x }, next: { w: next }, outputs, shards })
      return stagesOf(one, updatesOf(one))
    }
    assert.deepStrictEqual(
      cut(add(w, pmean(exp(x)))).map(({ updates }) => updates.length),
      [1, 0]
    )
    const early = exp(pmean(x))
    const late = pmean(exp(add(x, pmean(multiply(x, early)))))
    const stages = cut(add(w, multiply(early, late)), { late })
    assert.deepStrictEqual(
      stages.map(({ kept, updates }) => [Object.keys(kept).length, updates.length]),
      [
        [0, 0],
        [1, 0],
        [0, 1],
        [0, 0]
      ]
    )
  })

  it("expresses updates in placeholders alone", () => {
    for (const { updates } of stages) {
      for (const expression of updates.flatMap(({ results }) => Object.values(printed(results)))) {
        assert.notMatch(expression, /matmul|exp|sum/)
      }
    }
  })

  it("keeps noise and literals that an update is made of, which are no values by themselves", () => {
    const w = placeholder("w", [4])
    const mask = constant(tensorData([4], Float32Array.of(1, 0, 1, 0)))
    const masked = makeProgram({
      name: "masked",
      state: { w },
      inputs: {},
      next: { w: add(multiply(w, mask), normalNoise("z", [4])) },
      outputs: {}
    })
    const [stage] = stagesOf(masked, updatesOf(masked))
    const kept = Object.values(stage?.kept ?? {}).map(({ op }) => op)
    assert.deepStrictEqual(kept.toSorted(), ["constant", "noise"])
    assert.notMatch(printExpressions(Object.values(stage?.updates[0]?.results ?? {})), /noise|literal/)
  })
})
