import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as fc from "fast-check"
import { add, divide, multiply, negate, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { exp, sqrt } from "../../../../src/domain/tensor/elementwise.ts"
import { makeProgram, type Program } from "../../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../../src/domain/tensor/pmean.ts"
import { shardsOf } from "../../../../src/domain/tensor/Sharding.ts"
import { placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../../src/domain/tensor/Tensor.ts"
import { sharedKernelMemory } from "../../../../src/layers/backend/onnx/kernelMemory.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { planShards } from "../../../../src/layers/backend/onnx/shardPlan.ts"
import { planUpdate } from "../../../../src/layers/backend/onnx/updateKernel.ts"
import { layOut, openUpdateMemory, type UpdatesToPlace } from "../../../../src/layers/backend/onnx/updateMemory.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"

const shapeOf = (length: number) => [length]

/** Elementwise expressions of two tensors and a single number, as functions of them. */
const expression = fc.letrec<{ readonly tree: (a: Tensor, b: Tensor, c: Tensor) => Tensor }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      (a: Tensor) => a,
      (_: Tensor, b: Tensor) => b,
      (a: Tensor, _: Tensor, c: Tensor) => multiply(a, c)
    ),
    fc.tuple(fc.constantFrom(add, subtract, multiply, divide), tie("tree"), tie("tree")).map(
      ([op, left, right]) =>
        (a: Tensor, b: Tensor, c: Tensor) =>
          op(left(a, b, c), right(a, b, c))
    ),
    fc
      .tuple(
        fc.constantFrom(
          negate,
          (x: Tensor) => sqrt(multiply(x, x)),
          (x: Tensor) => add(x, 0.25)
        ),
        tie("tree")
      )
      .map(
        ([op, inner]) =>
          (a: Tensor, b: Tensor, c: Tensor) =>
            op(inner(a, b, c))
      )
  )
})).tree

const toPlace = (some: Partial<UpdatesToPlace>): UpdatesToPlace => ({
  beside: [],
  inPlace: [],
  state: {},
  others: [],
  ...some
})

/** The memory of a thread that shares its updates with no other. */
const alone = (some: Partial<UpdatesToPlace>) => openUpdateMemory(layOut(toPlace(some)))

const float32 = fc.float({ min: -100, max: 100, noNaN: true })

describe("an update's kernel", () => {
  it("computes any elementwise expressions as float32 arithmetic does, for every length", () => {
    fc.assert(
      fc.property(
        fc.array(expression, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(float32, float32), { minLength: 2, maxLength: 11 }),
        float32,
        (trees, rows, single) => {
          const [a, b, c] = [
            placeholder("a", shapeOf(rows.length)),
            placeholder("b", shapeOf(rows.length)),
            placeholder("c", [])
          ]
          // A sum with both, so that every expression has the tensors' shape.
          const roots = trees.map((tree) => add(multiply(add(a, b), c), tree(a, b, c)))
          const results = Object.fromEntries(roots.map((root, i) => [`result${i}`, root]))
          const plan = planUpdate({ results, next: {} })
          const memory = alone({ beside: [plan] })
          memory.numbers("a")?.set(rows.map(([first]) => first))
          memory.numbers("b")?.set(rows.map(([, second]) => second))
          memory.run(
            plan,
            plan.singles.map(() => single)
          )
          roots.forEach((root, i) => {
            const made = Array.from(memory.numbers(`result${i}`) ?? [])
            assert.deepStrictEqual(
              made,
              rows.map((row) => inFloat32(root, { a: row[0], b: row[1], c: single }))
            )
          })
        }
      ),
      { numRuns: 300 }
    )
  })

  it("leaves what it was made of in its place until the memory turns, and then swaps state and result", () => {
    const [w, g] = [placeholder("w", [5]), placeholder("g", [5])]
    const plan = planUpdate({ results: { made: subtract(w, g) }, next: { weight: "made" } })
    const memory = alone({ beside: [plan], state: { weight: "w" } })
    memory.numbers("w")?.fill(3)
    memory.numbers("g")?.fill(1)
    memory.run(plan, [])
    memory.run(plan, [])
    assert.deepStrictEqual(Array.from(memory.numbers("w") ?? []), [3, 3, 3, 3, 3])
    assert.deepStrictEqual(Array.from(memory.numbers("made") ?? []), [2, 2, 2, 2, 2])
    memory.turn()
    memory.run(plan, [])
    assert.deepStrictEqual(Array.from(memory.numbers("w") ?? []), [2, 2, 2, 2, 2])
    assert.deepStrictEqual(Array.from(memory.numbers("made") ?? []), [1, 1, 1, 1, 1])
  })

  it("makes the next state in place of the state if asked to, and has nothing to turn then", () => {
    const [w, m, g] = [placeholder("w", [5]), placeholder("m", [5]), placeholder("g", [5])]
    const results = { made: subtract(w, m), moved: add(m, g) }
    const plan = planUpdate({ results, next: { weight: "made", moment: "moved" } })
    const memory = alone({ inPlace: [plan], state: { weight: "w", moment: "m" } })
    memory.numbers("w")?.fill(3)
    memory.numbers("m")?.fill(1)
    memory.numbers("g")?.fill(2)
    memory.run(plan, [])
    memory.turn()
    memory.run(plan, [])
    // 3 - 1 - 3, and 1 + 2 + 2: each of both as they were before.
    assert.deepStrictEqual(Array.from(memory.numbers("w") ?? []), [-1, -1, -1, -1, -1])
    assert.deepStrictEqual(Array.from(memory.numbers("m") ?? []), [5, 5, 5, 5, 5])
    assert.strictEqual(memory.numbers("made"), memory.numbers("w"))
  })

  it("is run by several shards for a part each, which together are the whole, whatever its length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 2, max: 90 }), (count, length) => {
        const [w, g] = [placeholder("w", [length]), placeholder("g", [length])]
        const published = [0, 1].map((shard) => ({ name: `mean of ${shard}`, shape: [length] }))
        const [first, second] = published.map(({ name, shape }) => placeholder(name, shape))
        const mean = multiply(add(first ?? w, second ?? w), 0.5)
        const update = { results: { made: subtract(w, divide(mean, g)) }, next: { weight: "made" } }
        const layout = layOut(
          toPlace({ inPlace: [planUpdate(update, "shared")], state: { weight: "w" }, others: published }),
          64
        )
        const memory = sharedKernelMemory(layout.bytes)
        const shards = shardsOf({ count, examples: 1, inputs: [] }).map((shard) =>
          openUpdateMemory(layout, { shard, memory })
        )
        const wide = (of: number) => Float32Array.from({ length }, (_, i) => Math.sin(of + i) + 2)
        for (const [i, name] of ["w", "mean of 0", "mean of 1"].entries()) shards[0]?.numbers(name)?.set(wide(i))
        for (const shard of shards) {
          for (const plan of layout.updates.inPlace) {
            // What each has computed alike it puts there for itself alone.
            shard.put(plan, "g", wide(3))
            shard.run(plan, [])
          }
        }
        const expected = wide(0).map((_, i) => {
          const [w = 0, a = 0, b = 0, g = 0] = [0, 1, 2, 3].map((of) => wide(of)[i])
          return Math.fround(w - Math.fround(Math.fround(Math.fround(a + b) * 0.5) / g))
        })
        for (const shard of shards) assert.deepStrictEqual(shard.numbers("w")?.slice(), expected)
      })
    )
  })

  it("has no more memory than WebAssembly can address, and says so", () => {
    const wide = planUpdate({ results: { made: negate(placeholder("w", [2 ** 20, 2 ** 10])) }, next: {} })
    const problem =
      "the state and what shards exchange take 8 GiB, of which WebAssembly can address 4: take fewer shards, or a smaller model"
    assert.throws(() => alone({ beside: [wide] }), RangeError, problem)
    assert.throws(() => sharedKernelMemory(2 ** 33), RangeError, problem)
  })

  it("refuses what is not elementwise", () => {
    assert.throws(
      () => planUpdate({ results: { made: exp(placeholder("x", [2])) }, next: {} }),
      "internal: an update holds exp"
    )
  })
})

describe("updates in place", () => {
  const onCpu = { operatorSet: 21, convolutions: "products" } as const
  const [w, average, x] = [placeholder("w", [5]), placeholder("average", [5]), placeholder("x", [5])]
  const moved = subtract(w, multiply(exp(x), 0.1))
  const pathsInPlace = (parts: Pick<Program, "next" | "outputs">): ReadonlyArray<string> => {
    const program = makeProgram({ name: "updates", state: { w, average }, inputs: { x }, ...parts })
    return planShards(program, onCpu).lastUpdates.flatMap(({ next }) => Object.keys(next))
  }

  it("are those that nothing else of a step reads", () => {
    const averaged = add(multiply(average, 0.9), multiply(moved, 0.1))
    assert.deepStrictEqual(pathsInPlace({ next: { w: moved, average }, outputs: {} }), ["w"])
    assert.sameMembers([...pathsInPlace({ next: { w: moved, average: averaged }, outputs: {} })], ["w", "average"])
  })

  it("are none of state that is an output as it was, or goes on elsewhere, or of results that are outputs or computed with", () => {
    assert.deepStrictEqual(pathsInPlace({ next: { w: moved, average }, outputs: { before: w } }), [])
    assert.deepStrictEqual(pathsInPlace({ next: { w: moved, average: w }, outputs: {} }), [])
    assert.deepStrictEqual(pathsInPlace({ next: { w: moved, average }, outputs: { after: moved } }), [])
    assert.deepStrictEqual(pathsInPlace({ next: { w: moved, average }, outputs: { after: exp(moved) } }), [])
  })

  it("make means on the way of what shards publish; a mean that something else reads is made for all", () => {
    const mean = pmean(multiply(x, 2))
    const planOf = (outputs: Program["outputs"]) =>
      planShards(
        makeProgram({
          ...{ name: "updates", state: { w }, inputs: { x }, next: { w: subtract(w, mean) }, outputs },
          shards: { count: 2, examples: 5, inputs: ["x"] }
        }),
        onCpu
      )
    const only = planOf({})
    const published = only.stages.flatMap(({ means }) => means.flatMap((made) => made.published))
    assert.lengthOf(published, 2)
    assert.sameMembers([...(only.lastUpdates[0]?.tensors ?? [])], ["w", ...published])
    assert.deepStrictEqual(
      only.stages.flatMap(({ updates }) => updates),
      []
    )
    const shown = planOf({ mean })
    assert.deepStrictEqual(
      shown.stages.flatMap(({ updates }) => updates.map(({ tensors }) => tensors)),
      [published]
    )
    assert.sameMembers(
      [...(shown.lastUpdates[0]?.tensors ?? [])],
      ["w", ...(shown.stages[0]?.updates[0]?.results ?? [])]
    )
  })

  it.effect("give what updates beside the state give", () =>
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const zeros = { shape: [5], values: new Float32Array(5) }
      const state = { w: { shape: [5], values: Float32Array.of(1, 2, 3, 4, 5) }, average: zeros }
      const run = Effect.fnUntraced(function* (outputs: Program["outputs"]) {
        const program = makeProgram({
          ...{ name: "updates", state: { w, average }, inputs: { x } },
          next: { w: moved, average: add(multiply(average, 0.9), multiply(moved, 0.1)) },
          outputs
        })
        const executable = yield* backend.compile(program, state)
        for (const step of [0, 1, 2]) yield* executable.step({ inputs: { x: zeros }, noise: { seed: 0, step } })
        return yield* executable.readState
      })
      const [inPlace, beside] = [yield* run({}), yield* run({ before: w, old: average })]
      assert.deepStrictEqual(inPlace, beside)
      assert.closeTo(inPlace["w"]?.values[0] ?? 0, 1 - 0.3, 1e-6)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )
})

/** The expression at one place, every operation rounded to float32. */
const inFloat32 = (root: Tensor, numbers: Readonly<Record<string, number>>): number => {
  const known = new Map<Tensor, number>()
  const value = (node: Tensor): number => {
    const found = known.get(node)
    if (found !== undefined) return found
    const made = Math.fround(computed(node))
    known.set(node, made)
    return made
  }
  const computed = (node: Tensor): number => {
    if (node.op === "placeholder") return numbers[node.parameters.name] ?? Number.NaN
    const [x = 0, y = 0] = node.inputs.map(value)
    switch (node.op) {
      case "full":
        return node.parameters.value
      case "add":
        return x + y
      case "subtract":
        return x - y
      case "multiply":
        return x * y
      case "divide":
        return x / y
      case "negate":
        return -x
      case "sqrt":
        return Math.sqrt(x)
      default:
        throw new Error(`${node.op} is not expected here`)
    }
  }
  return value(root)
}
