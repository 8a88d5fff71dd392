/**
 * How far backends are from Reference after each of the first updates of a preset's training on MNIST, at its own size:
 *   node test/bench/drift.ts [--preset paper] [--updates 3] [--backends onnxruntime,tfjs-wasm] [--moves 25,22,19]
 *
 * Beside them stands Reference itself, in float64, from first states of which every number was moved at random by at most
 * 2^-25 of itself (as by one more rounding to float32), 2^-22 and 2^-19: what the training makes of it, whoever computes. Where
 * that grows in proportion the training is smooth; where it leaps, a unit's kink or a maximum's tie fell to the other side.
 */
import { parseArgs } from "node:util"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { presetNames } from "../../src/domain/experiment/presets.ts"
import { uniform } from "../../src/domain/random/noise.ts"
import type { NamedTensors } from "../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../src/domain/tensor/Tree.ts"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { backendNamed } from "../../src/layers/backend/selection/backendNamed.ts"
import { type BackendError, TensorBackend } from "../../src/layers/backend/TensorBackend.ts"
import { presetTraining } from "./paperTraining.ts"

const { values } = parseArgs({
  options: {
    preset: { type: "string", default: "paper" },
    updates: { type: "string", default: "3" },
    backends: { type: "string", default: "onnxruntime,tfjs-wasm" },
    moves: { type: "string", default: "25,22,19" }
  }
})
const preset = presetNames.find((name) => name === values.preset)
if (preset === undefined) throw new RangeError(`--preset takes one of ${presetNames.join(", ")}`)
const updates = Number(values.updates)
if (!Number.isInteger(updates) || updates < 1) throw new RangeError("--updates must be a positive integer")

/** Every number moved by at most 2^-bits of itself. */
const moved = (state: NamedTensors, bits: number): NamedTensors =>
  mapRecord(state, ({ shape, values }, stream) => {
    const moves = uniform({ seed: 1, stream, step: 0 }, values.length)
    return {
      shape,
      values: Float64Array.from(values, (value, i) => value * (1 + ((moves[i] ?? 0.5) - 0.5) * 2 ** (1 - bits)))
    }
  })

const measured = Effect.gen(function* () {
  const { makeProgram, initialState, imagesOf, seed } = yield* presetTraining(preset)
  const program = makeProgram()
  const start = (layer: Layer.Layer<TensorBackend, BackendError>, first = initialState) =>
    Effect.gen(function* () {
      const backend = Context.get(yield* Layer.build(Layer.fresh(layer)), TensorBackend)
      const executable = yield* backend.compile(program, first)
      return Effect.fnUntraced(function* (update: number) {
        const begin = performance.now()
        yield* executable.step({ inputs: { images: imagesOf(update) }, noise: { seed, step: update } })
        const outcome: NamedTensors = { ...(yield* executable.readState), ...(yield* executable.readOutputs) }
        return { outcome, seconds: (performance.now() - begin) / 1000 }
      })
    })
  const reference = yield* start(layerReference)
  const contestants = yield* Effect.forEach(values.moves.split(",").map(Number), (bits) =>
    Effect.map(start(layerReference, moved(initialState, bits)), (step) => ({
      name: `reference, moved by 2^-${bits}`,
      step
    }))
  )
  for (const name of values.backends.split(",")) {
    contestants.push({ name, step: yield* start(yield* Effect.fromResult(backendNamed(name))) })
  }
  for (let update = 0; update < updates; update++) {
    const { outcome: expected } = yield* reference(update)
    console.log(`after ${update + 1} update${update === 0 ? "" : "s"} of ${preset}:`)
    for (const { name, step } of contestants) {
      const { outcome, seconds } = yield* step(update)
      console.log(`  ${name.padEnd(26)}${describe(outcome, expected)}; ${seconds.toFixed(2)} s`)
    }
  }
}).pipe(Effect.scoped)

/** The greatest difference and where it is, and how many numbers differ by more than 1e-4. */
const describe = (found: NamedTensors, expected: NamedTensors): string => {
  let [most, where, far, count] = [0, "", 0, 0]
  for (const [path, { values }] of Object.entries(expected)) {
    for (const [i, value] of values.entries()) {
      const difference = Math.abs((found[path]?.values[i] ?? Number.NaN) - value)
      count += 1
      if (!(difference <= 1e-4)) far += 1
      if (difference <= most) continue
      most = difference
      where = `${path}[${i}]`
    }
  }
  return `${most.toExponential(1)} at ${where || "none"}, ${far} of ${count} numbers farther than 1e-4`
}

await Effect.runPromise(measured)
