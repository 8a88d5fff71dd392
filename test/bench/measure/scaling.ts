import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { interleave, ratioByRound, summarise, timed } from "../harness.ts"
import { paperTraining } from "../paperTraining.ts"
import type { BenchResult } from "../result.ts"
import { threadTimes } from "../threadTimes.ts"
import { age, type Effort } from "./update.ts"

/**
 * One update of the paper's model on one shard and on several, up to the number of processors, in turns, in this process.
 * Everything that training does for an update is counted: gathering the batch, the step, reading the losses.
 */
export const measureScaling = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const { makeProgram, initialState, imagesOf, seed, batchSize } = yield* paperTraining
    const counts = [1, 2, 4, 8].filter(
      (count) => batchSize % count === 0 && count <= Math.max(2, availableParallelism())
    )
    const backend = yield* TensorBackend
    const limit = { most: Number.POSITIVE_INFINITY, seconds }
    const contestants = yield* Effect.forEach(counts, (shards) =>
      Effect.gen(function* () {
        const before = new Set(threadTimes()?.keys())
        const executable = yield* backend.compile(makeProgram({ shards }), initialState)
        // The threads that came with it, and the main one.
        const own = new Set([
          String(process.pid),
          ...[...(threadTimes()?.keys() ?? [])].filter((id) => !before.has(id))
        ])
        const path: Array<ReadonlyArray<number>> = []
        let k = 0
        const update = Effect.suspend(() =>
          Effect.andThen(
            executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k++ } }),
            executable.readOutputs
          )
        )
        for (let i = 0; i < age; i++) yield* update
        const turn = Effect.gen(function* () {
          const from = threadTimes()
          const times = yield* timed(limit, () => update)
          path.push([longestPath(from, threadTimes(), own) / times.length])
          return times
        })
        return { shards, turn, path }
      })
    )
    const times = yield* interleave(rounds, Object.fromEntries(contestants.map(({ shards, turn }) => [shards, turn])))
    const [alone] = contestants
    const result: NonNullable<BenchResult["scaling"]> = contestants.map(({ shards, path }) => ({
      shards,
      summary: summarise((times[shards] ?? []).flat()),
      ratio: ratioByRound(times[shards] ?? [], times[1] ?? []),
      ...(threadTimes() === undefined
        ? {}
        : { path: summarise(path.flat()), pathRatio: ratioByRound(path, alone?.path ?? []) })
    }))
    return result
  }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

/**
 * What an update would take if nothing else ran and nobody waited: the processor time of the main thread and, after it,
 * of the busiest of the others. NaN where the system does not tell.
 */
const longestPath = (
  from: ReadonlyMap<string, number> | undefined,
  to: ReadonlyMap<string, number> | undefined,
  threads: ReadonlySet<string>
): number => {
  const main = String(process.pid)
  const spent = (thread: string): number => (to?.get(thread) ?? Number.NaN) - (from?.get(thread) ?? 0)
  const others = [...threads].filter((thread) => thread !== main).map(spent)
  return spent(main) + Math.max(0, ...others)
}
