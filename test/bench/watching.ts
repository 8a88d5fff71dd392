// What it costs to look at the whole state for numbers that are not finite: `node test/bench/watching.ts`.
import * as Effect from "effect/Effect"
import { settingsFrom } from "../../src/domain/experiment/presets.ts"
import { firstNotFinite } from "../../src/domain/tensor/notFinite.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../src/layers/backend/TensorBackend.ts"
import { paperTraining } from "./paperTraining.ts"

const rounds = 60

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0

const measure = Effect.gen(function* () {
  const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
  const { reporting } = yield* Effect.fromResult(settingsFrom("paper"))
  const backend = yield* TensorBackend
  const executable = yield* backend.compile(makeProgram(), initialState)
  const timed = <A, E>(effect: Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      const began = performance.now()
      return Effect.map(effect, () => performance.now() - began)
    })
  const updates: Array<number> = []
  const looks: Array<number> = []
  for (let step = 0; step < rounds; step++) {
    const inputs = { images: imagesOf(step) }
    updates.push(yield* timed(executable.step({ inputs, noise: { seed, step } })))
    looks.push(yield* timed(Effect.map(executable.readState, firstNotFinite)))
  }
  const [update, look] = [median(updates), median(looks)]
  const share = (100 * look) / (update * reporting.logEveryUpdates)
  console.log(`an update: ${update.toFixed(2)} ms; a look at the state: ${look.toFixed(2)} ms (medians of ${rounds})`)
  console.log(`one look every ${reporting.logEveryUpdates} updates: ${share.toFixed(2)} % of the time`)
})
await Effect.runPromise(measure.pipe(Effect.scoped, Effect.provide(layerOnnxRuntime)))
