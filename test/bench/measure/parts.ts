import * as Effect from "effect/Effect"
import * as ort from "onnxruntime-node"
import { noiseNumbers } from "../../../src/domain/random/noiseSource.ts"
import { openDraws } from "../../../src/layers/backend/onnx/draws.ts"
import { inputName } from "../../../src/layers/backend/onnx/inputName.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { toOrt } from "../../../src/layers/backend/onnx/ortTensors.ts"
import { planShards, updatesToPlace } from "../../../src/layers/backend/onnx/shardPlan.ts"
import { layOut, openUpdateMemory } from "../../../src/layers/backend/onnx/updateMemory.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { drawNoise, noiseSources, placeholderNumbers } from "../../../src/layers/backend/validation.ts"
import { interleave, summarise, timed } from "../harness.ts"
import { paperTraining } from "../paperTraining.ts"
import type { BenchResult } from "../result.ts"
import { age, type Effort } from "./update.ts"

/**
 * The parts of an update on one shard, each by itself, in turns, in this process, at the same age as `measureUpdate`: the
 * stages that the program is cut into, with the numbers of one update, and the updates between them.
 */
export const measureParts = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
    const program = makeProgram()
    const executable = yield* (yield* TensorBackend).compile(program, initialState)
    let k = 0
    const step = Effect.suspend(() => executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k++ } }))
    for (let i = 0; i < age; i++) yield* step

    const sources = noiseSources(program)
    const draws = openDraws()
    const stages = yield* openStages(program, yield* executable.readState, imagesOf(k), { seed, step: k })
    const limit = { most: Number.POSITIVE_INFINITY, seconds: seconds / 2 }
    const times = yield* interleave(rounds, {
      gathering: timed(limit, () => Effect.sync(() => imagesOf(k))),
      noise: timed(limit, (i) =>
        Effect.sync(() => sources.map((source) => noiseNumbers(source, { seed, step: i }, undefined, draws)))
      ),
      discriminator: timed(limit, () => stages.run(0)),
      generator: timed(limit, () => stages.run(1)),
      engine: timed(limit, () => Effect.andThen(stages.run(0), stages.run(1))),
      updates: timed(limit, () => stages.update),
      // The images are given, so that gathering is not counted twice.
      step: Effect.suspend(() => {
        const images = imagesOf(k)
        return timed(limit, () => executable.step({ inputs: { images }, noise: { seed, step: k++ } }))
      }),
      readOutputs: timed(limit, () => executable.readOutputs),
      readState: timed(limit, () => executable.readState)
    })
    const result: NonNullable<BenchResult["parts"]> = {
      gathering: summarise(times.gathering.flat()),
      noise: summarise(times.noise.flat()),
      discriminator: summarise(times.discriminator.flat()),
      generator: summarise(times.generator.flat()),
      engine: summarise(times.engine.flat()),
      updates: summarise(times.updates.flat()),
      step: summarise(times.step.flat()),
      readOutputs: summarise(times.readOutputs.flat()),
      readState: summarise(times.readState.flat())
    }
    return result
  }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

type PaperTraining = Effect.Success<typeof paperTraining>

/** The sessions of a program's stages, as the backend opens them, fed with the numbers of one update. */
const openStages = Effect.fnUntraced(function* (
  program: ReturnType<PaperTraining["makeProgram"]>,
  state: PaperTraining["initialState"],
  images: ReturnType<PaperTraining["imagesOf"]>,
  key: { readonly seed: number; readonly step: number }
) {
  const plan = planShards(program, { operatorSet: 21, convolutions: "products" })
  const toPlace = updatesToPlace(plan)
  const updates = [...toPlace.beside, ...toPlace.inPlace]
  const memory = openUpdateMemory(layOut(toPlace))
  const values = new Map<string, ort.Tensor>()
  for (const [name, numbers] of Object.entries(placeholderNumbers(program, state, { images }))) {
    const shape = Object.values({ ...program.state, ...program.inputs }).find(
      (tensor) => tensor.op === "placeholder" && tensor.parameters.name === name
    )?.shape
    values.set(name, toOrt(ort, shape ?? [], numbers))
    memory.numbers(name)?.set(numbers)
  }
  for (const source of noiseSources(program)) {
    values.set(inputName(source), toOrt(ort, source.shape, drawNoise([source], key)[source.parameters.stream]))
  }
  const runs: Array<Effect.Effect<unknown>> = []
  for (const stage of plan.stages) {
    const { model } = stage
    if (model === undefined) continue
    const session = yield* Effect.acquireRelease(
      Effect.promise(() =>
        ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 })
      ),
      (open) => Effect.promise(() => open.release())
    )
    const feeds = Object.fromEntries(
      stage.inputs.flatMap((name) => {
        const value = values.get(name)
        return value === undefined ? [] : [[name, value] as const]
      })
    )
    const run = Effect.promise(() => session.run(feeds))
    const results = yield* run
    for (const [name, result] of Object.entries(stage.kept)) {
      const kept = results[result]
      if (kept === undefined) continue
      values.set(name, kept)
      if (kept.data instanceof Float32Array) memory.numbers(name)?.set(kept.data)
    }
    // As large as what they become, which is all that counts here.
    for (const { next } of stage.updates) {
      for (const [path, name] of Object.entries(next)) {
        const before = values.get(plan.state[path] ?? "")
        if (before !== undefined) values.set(name, before)
      }
    }
    runs.push(run)
  }
  return {
    run: (stage: number) => runs[stage] ?? Effect.die(new Error(`the program has no stage ${stage}`)),
    update: Effect.sync(() => {
      for (const update of updates) memory.run(update, update.singles.map(singleOf))
    })
  }

  function singleOf(name: string): number {
    const numbers = values.get(name)?.data
    return numbers instanceof Float32Array ? (numbers[0] ?? 0) : 0
  }
})
