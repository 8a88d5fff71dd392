import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import type { Program } from "../../domain/program/Program.ts"
import { held } from "../../domain/record/own.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { type BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { BatchSizeError, type BatchSource } from "../../layers/dataset/BatchSource.ts"
import { requireInputs, requireScalars } from "./trainingSteps.ts"

/** What is measured on, and by which random numbers (dropout, latents). */
export interface MeasureOptions<Input extends string, E = never, R = never> {
  /** Has at least the arrays that the program's inputs name. */
  readonly data: BatchSource<Input, E, R>
  readonly seed: number
}

/**
 * The means of a program's outputs over data, such as test images, with the state as it is given: nothing learns. One epoch in
 * the program's batches; examples that do not fill one are left out. Of `tensors`, a training's state say, those that the program's
 * state names are taken.
 *
 *     const { accuracy } = yield* Training.measure(program, tensors, { data: test, seed: 1 })
 *
 * Fails with a `BatchSizeError` if there are fewer examples than a batch has. Mistakes are defects: a `ProgramError` if an output is
 * not a scalar, or the data lack an input or have it in another shape.
 */
export const measureProgram = Effect.fn("Training.measure")(function* <
  Input extends string,
  Metric extends string,
  E = never,
  R = never
>(
  program: Program<Input, Metric>,
  tensors: NamedTensors,
  { data, seed }: MeasureOptions<NoInfer<Input>, E, R>
): Effect.fn.Return<Readonly<Record<Metric, number>>, BackendError | BatchSizeError | E, TensorBackend | R> {
  const batchSize = program.batchSize ?? data.count
  requireScalars(program)
  requireInputs({ program, data, batchSize })
  if (data.count < batchSize) return yield* new BatchSizeError({ batchSize, count: data.count })
  const batches = updatesPerEpoch(data.count, batchSize)
  const backend = yield* TensorBackend
  const measured = Effect.gen(function* () {
    const executable = yield* backend.compile({ ...program, next: program.state }, tensors)
    return yield* data.batches({ batchSize, seed, firstUpdate: 0 }).pipe(
      Stream.take(batches),
      Stream.mapEffect((batch) =>
        Effect.gen(function* () {
          const inputs = mapRecord(program.inputs, (_, name: Input) => held(batch.inputs, name))
          yield* executable.step({ inputs, noise: { seed, step: batch.update } })
          yield* Effect.yieldNow
          return yield* executable.readOutputs
        })
      ),
      Stream.runFold(
        () => mapRecord(program.outputs, () => 0),
        (sums, outputs) => mapRecord(sums, (sum, name) => sum + (held(outputs, name).values[0] ?? Number.NaN))
      )
    )
  })
  return mapRecord(yield* Effect.scoped(measured), (sum) => sum / batches)
})
