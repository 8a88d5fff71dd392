import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { Worker } from "node:worker_threads"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { add, multiply, subtract } from "../../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../../src/domain/tensor/broadcast.ts"
import { exp } from "../../../../src/domain/tensor/elementwise.ts"
import { makeProgram, type Program } from "../../../../src/domain/tensor/Program.ts"
import { pmean } from "../../../../src/domain/tensor/pmean.ts"
import { mean } from "../../../../src/domain/tensor/reduction.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Node } from "../../../../src/domain/tensor/Tensor.ts"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { float32, lists } from "../../../../src/testing/programs.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { shardContract } from "../shardContract.ts"
import { sharedInputs, sharedProgram, sharedStart } from "../sharedProgram.ts"

shardContract("OnnxRuntime", layerOnnxRuntime, 1e-6)

/** The worker threads of this process that have not ended, as Node itself tells of them. */
const alive = new Set<Worker>()
process.on("worker", (worker) => {
  alive.add(worker)
  worker.once("exit", () => alive.delete(worker))
})

const compileShared = (count: number) =>
  Effect.flatMap(TensorBackend, (backend) => backend.compile(sharedProgram(count), sharedStart))

const call = (step: number) => ({ inputs: sharedInputs(step), noise: { seed: 9, step } })

describe("the threads of an executable", () => {
  it.effect("are as many as its shards, and end with its scope", () =>
    Effect.gen(function* () {
      assert.strictEqual(alive.size, 0)
      const executable = yield* Effect.scoped(
        Effect.gen(function* () {
          const opened = yield* compileShared(4)
          yield* opened.step(call(0))
          assert.strictEqual(alive.size, 4)
          return opened
        })
      )
      assert.strictEqual(alive.size, 0)
      assert.include((yield* Effect.flip(executable.step(call(1)))).message, "the scope it was compiled in is closed")
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("are none for a program of one shard", () =>
    Effect.gen(function* () {
      yield* (yield* compileShared(1)).step(call(0))
      assert.strictEqual(alive.size, 0)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  it.effect("fail the step in hand and all later ones by name, if one of them dies", () =>
    Effect.gen(function* () {
      const executable = yield* compileShared(2)
      yield* executable.step(call(0))
      const [, second] = alive
      const step = executable.step(call(1))
      // Told to end before it is asked for the step, and found dead after: within a run of the engine that would end the process, by its binding.
      const dying = Effect.promise(() => second?.terminate() ?? Promise.resolve(0))
      const [, inHand] = yield* Effect.all([dying, Effect.flip(step)], { concurrency: "unbounded" })
      assert.include(inHand.message, "the thread of shard 2 of 2 has ended")
      for (const use of [executable.step(call(2)), Effect.asVoid(executable.readState)]) {
        const error = yield* Effect.flip(use)
        assert.strictEqual(error._tag, "BackendError")
        assert.match(error.message, /"shared": the thread of shard 2 of 2 has ended \(exit code 1\)/)
        assert.strictEqual(alive.size, 1)
      }
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  it.effect("tell what went wrong in them", () =>
    Effect.gen(function* () {
      const executable = yield* compileShared(2)
      const [first] = alive
      first?.postMessage("no request")
      const error = yield* Effect.flip(executable.step(call(0)))
      assert.match(error.message, /the thread of shard 1 of 2 failed: /)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  // It would wait for the test's time to run out.
  it.effect("do not keep a process alive that asks nothing of them", () =>
    Effect.gen(function* () {
      const idle = fileURLToPath(new URL("./idleThreads.ts", import.meta.url))
      const { stdout } = yield* Effect.promise(() => promisify(execFile)(process.execPath, [idle]))
      assert.strictEqual(stdout.trim(), "one step done")
    })
  )
})

describe("errors of the engine on shards", () => {
  const x = placeholder("x", [2, 3])
  const kept = placeholder("kept", [])
  /** Made past the language's checks, which is the only way to have the engine refuse it. */
  const forged = (y: Node<"matmul"> | Node<"reshape">): Program => ({
    name: "forged",
    state: { kept },
    inputs: { x },
    next: { kept: add(kept, pmean(sum(exp(y)))) },
    outputs: {},
    shards: { count: 2, examples: 2, inputs: ["x"] }
  })
  const matmulParameters = { transposeA: false, transposeB: false }
  const inputs = { x: float32([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6], [4, 3]) }
  const state = { kept: float32([5]) }

  it.effect("carry the primitive, while compiling", () =>
    Effect.gen(function* () {
      const product = forged({ op: "matmul", inputs: [x, x], parameters: matmulParameters, shape: [2, 3] })
      const error = yield* Effect.flip((yield* TensorBackend).compile(product, state))
      assert.deepStrictEqual([error.during, error.primitive], ["compile", "matmul([2, 3] [2, 3]) : [2, 3]"])
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  it.effect("carry the primitive, while running, and the state is the one before", () =>
    Effect.gen(function* () {
      const wrong = forged({ op: "reshape", inputs: [x], parameters: { shape: [7] }, shape: [7] })
      const executable = yield* (yield* TensorBackend).compile(wrong, state)
      for (const step of [0, 1]) {
        const error = yield* Effect.flip(executable.step({ inputs, noise: { seed: 0, step } }))
        assert.deepStrictEqual([error.during, error.primitive], ["run", "reshape([2, 3]) : [7]"])
        assert.deepStrictEqual(lists(yield* executable.readState), { kept: [5] })
      }
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )

  it.effect("in one shard alone leave the other where it was", () =>
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(sharedProgram(2), sharedStart)
      yield* executable.step(call(0))
      const before = yield* executable.readState
      const [, second] = alive
      // A request that the runner cannot carry out, besides the other shard's proper one.
      second?.postMessage({ kind: "step", id: -1, noise: { seed: -1, step: 0 } })
      yield* Effect.flip(executable.step(call(1)))
      assert.deepStrictEqual(yield* executable.readState, before)
      yield* executable.step(call(1))
      assert.notDeepEqual(yield* executable.readState, before)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )
})

describe("the state that shards have in common", () => {
  const w = placeholder("w", [37])
  const x = placeholder("x", [2, 37])
  const program = makeProgram({
    name: "moved",
    state: { w },
    inputs: { x },
    next: { w: subtract(w, multiply(pmean(mean(exp(x), [0])), 0.5)) },
    outputs: { first: pmean(mean(add(x, normalNoise("z", [2, 37])))) },
    shards: { count: 2, examples: 2, inputs: ["x"] }
  })
  const numbers = (count: number, from: number) => Float32Array.from({ length: count }, (_, i) => Math.cos(from + i))
  const state = { w: float32(numbers(37, 0), [37]) }
  const step = (k: number) => ({ inputs: { x: float32(numbers(4 * 37, k), [4, 37]) }, noise: { seed: 0, step: k } })

  it.effect("is moved in place by all of them, a part each, and not at all by a step that fails", () =>
    Effect.gen(function* () {
      const executable = yield* (yield* TensorBackend).compile(program, state)
      const expected = numbers(37, 0)
      for (const k of [1, 2]) {
        yield* executable.step(step(k))
        const given = numbers(4 * 37, k)
        expected.forEach((before, i) => {
          const mean = [0, 1, 2, 3].reduce((sum, row) => sum + Math.exp(given[37 * row + i] ?? 0), 0) / 4
          expected[i] = before - mean / 2
        })
        assertClose((yield* executable.readState)["w"]?.values ?? [], expected, 1e-6, `w after step ${k}`)
      }
      const before = yield* executable.readState
      const [, second] = alive
      second?.postMessage({ kind: "step", id: -1, noise: { seed: -1, step: 3 } })
      yield* Effect.flip(executable.step(step(3)))
      assert.deepStrictEqual(yield* executable.readState, before)
      yield* executable.step(step(3))
      assert.notDeepEqual(yield* executable.readState, before)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )
})

describe("denormals", () => {
  it.effect("count as zero on every thread", () =>
    Effect.gen(function* () {
      const [x, y] = [placeholder("x", [20]), placeholder("y", [20])]
      const program = makeProgram({
        name: "small",
        state: {},
        inputs: { x, y },
        next: {},
        outputs: { product: pmean(multiply(multiply(x, y), 1e30)) },
        shards: { count: 2, examples: 20, inputs: ["x", "y"] }
      })
      const executable = yield* (yield* TensorBackend).compile(program, {})
      const product = (factor: number) =>
        Effect.gen(function* () {
          const inputs = {
            x: float32(new Float32Array(40).fill(1e-30), [40]),
            y: float32(new Float32Array(40).fill(factor), [40])
          }
          yield* executable.step({ inputs, noise: { seed: 0, step: 0 } })
          return lists(yield* executable.readOutputs)["product"] ?? []
        })
      assert.deepStrictEqual(new Set(yield* product(1e-10)), new Set([0]))
      assert.approximately((yield* product(1e-7))[0] ?? 0, 1e-7, 1e-12)
    }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
  )
})
