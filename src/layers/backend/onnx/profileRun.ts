import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { MAX_FILE_BYTES, readText } from "../../file/readBounded.ts"
import { isEnough, type KernelRecord, kernelTimes, type Profile, warmUp } from "../Profile.ts"
import type { BackendError, StepCall } from "../TensorBackend.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { engineError, toFloat32 } from "./ortTensors.ts"
import { openRunner } from "./ShardRunner.ts"
import { planShards } from "./shardPlan.ts"

const Events = Schema.fromJsonString(
  Schema.Array(
    Schema.Struct({
      cat: Schema.optionalKey(Schema.String),
      name: Schema.optionalKey(Schema.String),
      dur: Schema.optionalKey(Schema.Number),
      args: Schema.optionalKey(Schema.Struct({ op_name: Schema.optionalKey(Schema.String) }))
    })
  )
)

/**
 * Runs a program of one shard with ONNX Runtime's own profiler on: the times of its kernels by the graph's names for them, which
 * begin with the primitive. The profiler writes a file for each stage, in a folder that is removed afterwards.
 */
export const profileRun = Effect.fn("OnnxRuntime.profile")(function* (
  { library, backend, sessionOptions, operatorSet, convolutions, resultsInPlace }: OnnxProvider,
  program: Program,
  initial: NamedTensors,
  calls: ReadonlyArray<StepCall>
): Effect.fn.Return<Profile, BackendError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const failed = (cause: unknown) => engineError(backend, program.name, "run", cause)
  return yield* Effect.gen(function* () {
    const folder = yield* Effect.mapError(fs.makeTempDirectoryScoped({ prefix: "fovea-profile-" }), failed)
    const first = mapRecord(program.state, (_, path) => toFloat32(own(initial, path)))
    const plan = planShards(program, { operatorSet, convolutions })
    const steps = yield* Effect.tryPromise({
      try: async () => {
        const runner = await openRunner(library, {
          sessionOptions,
          plan,
          first,
          resultsInPlace,
          profileTo: `${folder}/stage`
        })
        const began = performance.now()
        let steps = 0
        try {
          for (const { inputs, noise } of calls) {
            if (isEnough(steps, performance.now() - began)) break
            await runner.step(inputs, noise)
            steps += 1
          }
        } finally {
          // The profiles are written when the sessions end.
          await runner.close()
        }
        return steps
      },
      catch: failed
    })
    const names = yield* Effect.mapError(fs.readDirectory(folder), failed)
    const records = yield* Effect.forEach(names, (name) =>
      Effect.gen(function* () {
        const text = yield* Effect.mapError(readText(fs, `${folder}/${name}`, MAX_FILE_BYTES), failed)
        const events = yield* Effect.fromResult(Result.mapError(Schema.decodeUnknownResult(Events)(text), failed))
        return kernelRecords(events)
      })
    )
    return {
      how: `by ONNX Runtime's profiler, medians of ${steps - warmUp} steps on one thread`,
      kernels: kernelTimes(records.flat())
    }
  }).pipe(Effect.scoped)
})

/** The kernels of one stage, each with the times of its runs; microseconds in the file. */
const kernelRecords = (events: typeof Events.Type): ReadonlyArray<KernelRecord> => {
  const records = new Map<string, { readonly operator: string; readonly times: Array<number> }>()
  for (const { cat, name = "", dur = 0, args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time")) continue
    const known = records.get(name) ?? { operator: args?.op_name ?? "", times: [] }
    records.set(name, known)
    known.times.push(dur / 1000)
  }
  return [...records].map(([name, { operator, times }]) => ({
    signature: /^(\w+\(.*\) : \[.*?\])\/\d+/.exec(name)?.[1],
    operator,
    times: times.slice(warmUp)
  }))
}
