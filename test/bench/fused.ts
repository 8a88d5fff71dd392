/**
 * What tfjs's fused kernel for X W + b and its activation gains over the three kernels that the lowering calls, in processor
 * time, for products of the size of the paper's model: node test/bench/fused.ts [tfjs-wasm tfjs-cpu tfjs-node]
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type EngineName, engineNames } from "../../src/layers/backend/selection/engineNames.ts"
import { engineLayers } from "../../src/layers/backend/selection/engines.ts"
import type { TensorHandle } from "../../src/layers/backend/tfjs/TfjsEngine.ts"
import { ratioByRound, summarise } from "./harness.ts"
import { tfjsEngineOf } from "./memory/tfjsEngines.ts"

const [rounds, repetitions] = [15, 40]
const noFlags = { transposeA: false, transposeB: false }

const measured = Effect.fnUntraced(function* (name: EngineName) {
  yield* Layer.build(engineLayers[name])
  const engine = yield* Effect.promise(() => tfjsEngineOf(name))
  if (engine === undefined) return yield* Effect.die(new Error(`${name} is not one of TensorFlow.js`))
  const upload = (...shape: ReadonlyArray<number>): TensorHandle => {
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i))
    return engine.upload({ shape, values })
  }
  for (const [rows, inner, columns] of [
    [100, 256, 256],
    [200, 784, 256]
  ] as const) {
    for (const activation of ["linear", "relu", "sigmoid"] as const) {
      const [x, w, b] = [upload(1, rows, inner), upload(1, inner, columns), upload(columns)]
      const kernels = { linear: undefined, relu: "Relu", sigmoid: "Sigmoid" } as const
      const last = kernels[activation]
      const separate = (): ReadonlyArray<TensorHandle> => {
        const product = engine.kernel("BatchMatMul")({ a: x, b: w }, noFlags)
        const sum = engine.kernel("Add")({ a: product, b }, {})
        return last === undefined ? [product, sum] : [product, sum, engine.kernel(last)({ x: sum }, {})]
      }
      const fused = (): ReadonlyArray<TensorHandle> => [
        engine.kernel("_FusedMatMul")({ a: x, b: w, bias: b }, { ...noFlags, activation, leakyreluAlpha: 0 })
      ]
      const turn = (call: () => ReadonlyArray<TensorHandle>): ReadonlyArray<number> => {
        const from = process.cpuUsage()
        for (let i = 0; i < repetitions; i++) engine.run(() => call().forEach(engine.release))
        const { user, system } = process.cpuUsage(from)
        return [(user + system) / 1000 / repetitions]
      }
      turn(separate)
      turn(fused)
      const times = Array.from({ length: rounds }, () => ({ separate: turn(separate), fused: turn(fused) }))
      const apart = times.map(({ separate }) => separate)
      const ratio = ratioByRound(
        times.map(({ fused }) => fused),
        apart
      )
      const { median, quartiles } = ratio
      console.log(
        `${name.padEnd(12)}[${rows}, ${inner}] x [${inner}, ${columns}] + b, ${activation.padEnd(8)}` +
          `apart ${summarise(apart.flat()).median.toFixed(3)} ms, fused ${median.toFixed(2)} of it (${quartiles.map((n) => n.toFixed(2)).join(" .. ")})`
      )
    }
  }
})

const given = process.argv.slice(2)
const names = engineNames.filter((name) => (given.length === 0 ? name === "tfjs-wasm" : given.includes(name)))
await Effect.runPromise(Effect.scoped(Effect.forEach(names, measured)))
