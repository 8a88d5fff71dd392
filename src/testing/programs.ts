import * as Effect from "effect/Effect"
import { makeProgram, type Program } from "../domain/tensor/Program.ts"
import { type Shape, sizeOf } from "../domain/tensor/Shape.ts"
import type { Tensor } from "../domain/tensor/Tensor.ts"
import { type NamedTensors, type TensorData, tensorData } from "../domain/tensor/TensorData.ts"
import { mapRecord } from "../domain/tensor/Tree.ts"
import { TensorBackend } from "../layers/backend/TensorBackend.ts"
import type { DrawnOperand } from "./operands.ts"

/** A float32 tensor of the given numbers; a scalar if no shape is given. */
export const float32 = (values: Iterable<number>, shape: Shape = []): TensorData =>
  tensorData(shape, Float32Array.from(values))

/** A vector. */
export const vector = (...values: ReadonlyArray<number>): TensorData => float32(values, [values.length])

/** Numbers of tensors as plain lists, by name. */
export const lists = (tensors: NamedTensors): Readonly<Record<string, ReadonlyArray<number>>> =>
  mapRecord(tensors, ({ values }) => [...values])

/** The numbers of placeholders, by their names. */
export type NamedNumbers = Readonly<Record<string, ArrayLike<number>>>

/** Numbers for placeholders as float32 tensors. */
export const asTensors = (placeholders: Readonly<Record<string, Tensor>>, numbers: NamedNumbers): NamedTensors =>
  mapRecord(placeholders, ({ shape }, name) => float32(Array.from(numbers[name] ?? []), shape))

/** A program without state that computes the roots, `0`, `1`, .., of its placeholders. */
export const programOf = (
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  roots: ReadonlyArray<Tensor>
): Program =>
  makeProgram<string, string>({ name, state: {}, inputs, next: {}, outputs: Object.fromEntries(roots.entries()) })

/** Outputs of one step of a program without state. */
export const outputsOf = (program: Program, inputs: NamedTensors, noise = { seed: 0, step: 0 }) =>
  Effect.scoped(
    Effect.gen(function* () {
      const backend = yield* TensorBackend
      const executable = yield* backend.compile(program, {})
      yield* executable.step({ inputs, noise })
      return yield* executable.readOutputs
    })
  )

/** Operands with `sizeOf(shape)` numbers as tensors. */
export const operandTensor = ({ shape, values }: DrawnOperand): TensorData =>
  tensorData(shape, Float32Array.from(values.subarray(0, sizeOf(shape))))

/** The same without any simplification, for what engines must also take. */
export const unsimplifiedProgramOf = (
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  roots: ReadonlyArray<Tensor>
): Program => ({ name, state: {}, inputs, next: {}, outputs: Object.fromEntries(roots.entries()) })
