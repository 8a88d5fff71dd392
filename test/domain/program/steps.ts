import * as Effect from "effect/Effect"
import type { Program } from "../../../src/domain/program/Program.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"

/** A state of numbers, by path; those of `shapes` are given, the others are scalars. */
export const numbers = (values: Readonly<Record<string, number | ReadonlyArray<number>>>): NamedTensors =>
  Object.fromEntries(
    Object.entries(values).map(([path, x]) => [
      path,
      typeof x === "number" ? tensorData([], Float64Array.of(x)) : tensorData([x.length], Float64Array.from(x))
    ])
  )

/** State and outputs after some steps on `Reference`, in float64; an empty record for each step of a program without inputs. */
export const stepped = <Input extends string, Output extends string>(
  program: Program<Input, Output>,
  state: NamedTensors,
  calls: ReadonlyArray<Readonly<Record<Input, TensorData>>>,
  seed = 0
): { readonly state: NamedTensors; readonly outputs: Readonly<Record<Output, TensorData>> } =>
  Effect.runSync(
    Effect.scoped(
      Effect.gen(function* () {
        const executable = yield* (yield* TensorBackend).compile(program, state)
        for (const [step, inputs] of calls.entries()) yield* executable.step({ inputs, noise: { seed, step } })
        return { state: yield* executable.readState, outputs: yield* executable.readOutputs }
      })
    ).pipe(Effect.provide(layerReference))
  )

/** The numbers of tensors by path, those of one number as that. */
export const plain = (tensors: NamedTensors): Readonly<Record<string, number | ReadonlyArray<number>>> =>
  Object.fromEntries(
    Object.entries(tensors).map(([path, { shape, values }]) => [
      path,
      shape.length === 0 ? (values[0] ?? Number.NaN) : [...values]
    ])
  )
