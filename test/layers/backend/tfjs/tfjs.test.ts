import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { add, multiply } from "../../../../src/domain/tensor/arithmetic.ts"
import { exp, tanh } from "../../../../src/domain/tensor/elementwise.ts"
import { matmul } from "../../../../src/domain/tensor/matmul.ts"
import { reshape } from "../../../../src/domain/tensor/movement.ts"
import { makeProgram, type Program } from "../../../../src/domain/tensor/Program.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import type { Node } from "../../../../src/domain/tensor/Tensor.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { startEngine, type TfjsCore } from "../../../../src/layers/backend/tfjs/TfjsEngine.ts"
import {
  layerTfjsCpu,
  layerTfjsNode,
  layerTfjsNodeGpu,
  layerTfjsWasm
} from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { float32, lists } from "../../../../src/testing/programs.ts"
import { isInstalled } from "./installed.ts"

const noNoise = { seed: 0, step: 0 }

/** State `w` [2, 2]; a step multiplies it by the input, adds noise and bends it back. */
const walk = () => {
  const [w, x] = [placeholder("w", [2, 2]), placeholder("x", [2, 2])]
  const next = tanh(add(matmul(w, x, { transposeB: true }), multiply(normalNoise("z", [2, 2]), 0.1)))
  return makeProgram({
    name: "walk",
    state: { w },
    inputs: { x },
    next: { w: next },
    outputs: { squares: multiply(next, next) }
  })
}

const start = { w: float32([0.1, 0.2, 0.3, 0.4], [2, 2]) }
const call = (step: number) => ({ inputs: { x: float32([1, -0.5, 0.5, 1], [2, 2]) }, noise: { seed: 1, step } })

const serviceOf = (layer: typeof layerTfjsCpu) =>
  Effect.map(Layer.build(layer), (context) => Context.get(context, TensorBackend))

const tensorsOf = (name: string): number => tf.engine().registry[name]?.numDataIds() ?? 0

describe("two backends of tfjs in one process", () => {
  it.effect("do their steps in turns, each as it would alone, and leave the active backend as it was", () =>
    Effect.gen(function* () {
      const active = tf.engine().backendName
      const alone = (layer: typeof layerTfjsCpu) =>
        Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* (yield* serviceOf(layer)).compile(walk(), start)
            for (let step = 0; step < 6; step++) yield* executable.step(call(step))
            return [lists(yield* executable.readState), lists(yield* executable.readOutputs)]
          })
        )
      const expected = [yield* alone(layerTfjsCpu), yield* alone(layerTfjsWasm)]
      const cpu = yield* (yield* serviceOf(layerTfjsCpu)).compile(walk(), start)
      const wasm = yield* (yield* serviceOf(layerTfjsWasm)).compile(walk(), start)
      for (let step = 0; step < 6; step++) {
        const before = [tensorsOf("cpu"), tensorsOf("wasm")]
        yield* cpu.step(call(step))
        yield* wasm.step(call(step))
        // The first step leaves its outputs (one tensor); nothing ever moves from one to the other.
        const growth = step === 0 ? 1 : 0
        assert.deepStrictEqual(
          [tensorsOf("cpu"), tensorsOf("wasm")],
          before.map((count) => count + growth)
        )
      }
      const found = []
      for (const executable of [cpu, wasm]) {
        found.push([lists(yield* executable.readState), lists(yield* executable.readOutputs)])
      }
      assert.deepStrictEqual(found, expected)
      assert.strictEqual(tf.engine().backendName, active)
    })
  )

  it.effect("and both start once, however many layers ask for them at the same time", () =>
    Effect.gen(function* () {
      yield* Effect.all(
        [1, 2, 3].map(() => serviceOf(Layer.fresh(layerTfjsWasm))),
        { concurrency: "unbounded" }
      )
      const backend = tf.engine().registry["wasm"]
      yield* serviceOf(Layer.fresh(layerTfjsWasm))
      assert.strictEqual(tf.engine().registry["wasm"], backend)
    })
  )
})

describe("a backend whose kernels ask for the active one", () => {
  it.effect("is active while it runs, and what was active before is active afterwards, even after a failure", () =>
    Effect.gen(function* () {
      // tfjs's own declarations are wider than the part that is used.
      const core: unknown = tf
      const engine = yield* Effect.promise(() =>
        startEngine(core as TfjsCore, { backendName: "cpu", usesActiveBackend: true })
      )
      const before = tf.engine().backendName
      assert.strictEqual(
        engine.run(() => tf.engine().backendName),
        "cpu"
      )
      assert.strictEqual(tf.engine().backendName, before)
      assert.throws(() =>
        engine.run(() => {
          throw new Error("a kernel")
        })
      )
      assert.strictEqual(tf.engine().backendName, before)
      const tensors = tf.engine().state.numTensors
      const result = engine.run(() => {
        const x = engine.upload(float32([1, 4], [2]))
        const root = engine.kernel("Sqrt")({ x }, {})
        engine.release(x)
        return root
      })
      assert.deepStrictEqual([...engine.read(result)], [1, 2])
      engine.release(result)
      assert.strictEqual(tf.engine().state.numTensors, tensors)
    })
  )
})

describe("memory", () => {
  for (const { name, layer, steps } of [
    { name: "cpu", layer: layerTfjsCpu, steps: 10_000 },
    { name: "wasm", layer: layerTfjsWasm, steps: 300 }
  ]) {
    it.effect(`on ${name}: the same number of tensors after ${steps} steps, none after the scope is closed`, () =>
      Effect.gen(function* () {
        const backend = yield* serviceOf(layer)
        const [before, counted] = [tensorsOf(name), tf.engine().state.numTensors]
        yield* Effect.scoped(
          Effect.gen(function* () {
            const executable = yield* backend.compile(walk(), start)
            yield* executable.step(call(0))
            const early = tensorsOf(name)
            for (let step = 1; step < steps; step++) yield* executable.step(call(step))
            yield* executable.readOutputs
            yield* executable.readState
            assert.strictEqual(tensorsOf(name), early)
          })
        )
        assert.strictEqual(tensorsOf(name), before)
        assert.strictEqual(tf.engine().state.numTensors, counted)
      })
    )
  }

  it.effect("is not held by a step that failed, which names the primitive and leaves the state", () =>
    Effect.gen(function* () {
      const backend = yield* serviceOf(layerTfjsCpu)
      const before = tensorsOf("cpu")
      yield* Effect.scoped(
        Effect.gen(function* () {
          const executable = yield* backend.compile(forged(), { w: float32([1, 2, 3, 4, 5, 6], [2, 3]) })
          const held = tensorsOf("cpu")
          const error = yield* Effect.flip(executable.step({ inputs: {}, noise: noNoise }))
          assert.strictEqual(error._tag, "BackendError")
          assert.strictEqual(error.during, "run")
          assert.strictEqual(error.primitive, "matmul([2, 3] [2, 3]) : [2, 3]")
          assert.include(error.message, 'tfjs-cpu could not run "forged" at matmul([2, 3] [2, 3]) : [2, 3]: ')
          assert.strictEqual(tensorsOf("cpu"), held)
          assert.deepStrictEqual(lists(yield* executable.readState), { w: [1, 2, 3, 4, 5, 6] })
        })
      )
      assert.strictEqual(tensorsOf("cpu"), before)
    })
  )
})

/** A program made past the language's checks, which is the only way to have a kernel refuse one. */
const forged = (): Program => {
  const w = placeholder("w", [2, 3])
  const sum = exp(w)
  const parameters = { transposeA: false, transposeB: false }
  const product: Node<"matmul"> = { op: "matmul", inputs: [sum, sum], parameters, shape: [2, 3] }
  return { name: "forged", state: { w }, inputs: {}, next: { w: add(product, sum) }, outputs: { sum } }
}

describe("a right operand under two shapes", () => {
  // The wasm kernel of products keeps what it made of a right operand by where that is kept, whatever its shape.
  it.effect("is told apart on wasm, within a step and from one step to the next", () =>
    Effect.gen(function* () {
      const w = placeholder("w", [2, 3])
      const [x, y] = [placeholder("x", [1, 2]), placeholder("y", [1, 3])]
      const turned = reshape(w, [3, 2])
      const program = makeProgram({
        name: "turning",
        state: { w },
        inputs: { x, y },
        next: { w: reshape(add(turned, 1), [2, 3]) },
        outputs: { one: matmul(x, w), other: matmul(y, turned), next: matmul(y, add(turned, 1)) }
      })
      const inputs = { x: float32([1, 10], [1, 2]), y: float32([1, 10, 100], [1, 3]) }
      const executable = yield* (yield* serviceOf(layerTfjsWasm)).compile(program, {
        w: float32([0, 1, 2, 3, 4, 5], [2, 3])
      })
      yield* executable.step({ inputs, noise: noNoise })
      yield* executable.step({ inputs, noise: noNoise })
      assert.deepStrictEqual(lists(yield* executable.readOutputs), {
        one: [41, 52, 63],
        other: [531, 642],
        next: [642, 753]
      })
    })
  )
})

describe.skipIf(isInstalled("@tensorflow/tfjs-node-gpu"))("layers whose package is missing", () => {
  it.effect("say which, how to install it, and what it needs", () =>
    Effect.gen(function* () {
      const gpu = yield* Effect.flip(serviceOf(layerTfjsNodeGpu))
      assert.strictEqual(gpu._tag, "BackendError")
      assert.strictEqual(gpu.during, "start")
      assert.include(gpu.message, "the package @tensorflow/tfjs-node-gpu is not installed")
      assert.include(gpu.message, '"npm install @tensorflow/tfjs-node-gpu@4.22.0"')
      assert.include(gpu.message, "CUDA 11.x and cuDNN 8")
      const node = yield* Effect.flip(serviceOf(layerTfjsNode))
      assert.include(node.message, '"npm install @tensorflow/tfjs-node@4.22.0"')
    })
  )
})
