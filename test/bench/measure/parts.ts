import * as Effect from "effect/Effect"
import * as ort from "onnxruntime-node"
import { drawNoise, noiseSources, placeholderNumbers } from "../../../src/layers/backend/border.ts"
import { inputName, lowerProgram } from "../../../src/layers/backend/onnx/lowering.ts"
import { encodeOnnxModel } from "../../../src/layers/backend/onnx/onnxMessages.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { interleave, summarise, timed } from "../harness.ts"
import { paperTraining } from "../paperTraining.ts"
import type { BenchResult } from "../result.ts"
import { age, type Effort } from "./update.ts"

/** The parts of an update, each by itself, in turns, in this process, at the same age as `measureUpdate`. */
export const measureParts = ({ rounds, seconds }: Effort) =>
  Effect.gen(function* () {
    const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
    const program = makeProgram()
    const executable = yield* (yield* TensorBackend).compile(program, initialState)
    let k = 0
    const step = Effect.suspend(() => executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k++ } }))
    for (let i = 0; i < age; i++) yield* step

    // The same session as the backend's, fed with one and the same batch.
    const { graph } = lowerProgram(program)
    const session = yield* Effect.acquireRelease(
      Effect.promise(() =>
        ort.InferenceSession.create(encodeOnnxModel(graph), {
          intraOpNumThreads: 1,
          interOpNumThreads: 1,
          logSeverityLevel: 3
        })
      ),
      (open) => Effect.promise(() => open.release())
    )
    const sources = noiseSources(program)
    const numbers = {
      ...placeholderNumbers(program, yield* executable.readState, { images: imagesOf(k) }),
      ...Object.fromEntries(
        sources.map((source) => [inputName(source), drawNoise([source], { seed, step: k })[source.parameters.stream]])
      )
    }
    const feeds = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [
        name,
        new ort.Tensor("float32", Float32Array.from(numbers[name] ?? []), shape)
      ])
    )

    const limit = { most: Number.POSITIVE_INFINITY, seconds: seconds / 2 }
    const times = yield* interleave(rounds, {
      gathering: timed(limit, () => Effect.sync(() => imagesOf(k))),
      noise: timed(limit, (i) => Effect.sync(() => drawNoise(sources, { seed, step: i }))),
      engine: timed(limit, () => Effect.promise(() => session.run(feeds))),
      // The pictures are given, so that gathering is not counted twice.
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
      engine: summarise(times.engine.flat()),
      step: summarise(times.step.flat()),
      readOutputs: summarise(times.readOutputs.flat()),
      readState: summarise(times.readState.flat())
    }
    return result
  }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))
