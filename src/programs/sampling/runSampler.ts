import * as Effect from "effect/Effect"
import { initialise } from "../../domain/nn/parameter.ts"
import type { Program } from "../../domain/program/Program.ts"
import { held, own } from "../../domain/record/own.ts"
import { isUnchanged, ProgramError } from "../../domain/tensor/Program.ts"
import { formatShape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import type { Tensor } from "../../domain/tensor/Tensor.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { BackendError, type Executable, TensorBackend } from "../../layers/backend/TensorBackend.ts"

/** How much is drawn, from which random numbers, given what. */
export interface SampleOptions<Input extends string> {
  readonly count: number
  readonly seed: number
  /** The program's inputs (latents, labels), for all samples: `[count, ...]` each. */
  readonly inputs?: Readonly<Record<Input, TensorData>>
  /** Steps from the state's beginning to a sample, for samplers whose steps move a state (diffusion); the sampler's own if left out. */
  readonly steps?: number
}

/**
 * Draws from a program whose outputs are samples, `[batch, ...]` each: returns `[count, ...]` of each. Of `tensors`, a training's
 * state say, those that the sampler's state names are taken. What else its steps move begins as its specs say, and every batch
 * begins anew; what they leave as it is (parameters) must be given.
 *
 * Sample i depends on the seed, its inputs and i alone, however many are drawn. Fails with a `BackendError` that names the path if a
 * parameter is not given. Mistakes are defects: a `ProgramError` where an input does not fit or outputs differ in their first axis, with the names and shapes, and a `RangeError` unless count
 * and steps are positive integers.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Backends, Program, Sampling } from "fovea"
 * import { add } from "fovea/tensor"
 *
 * const around = Program.make("points around their mean", {
 *   state: { mean: { shape: [1, 2], initialiser: { kind: "constant", value: 5 } } },
 *   step: ({ mean }, _, key) => ({ outputs: { points: add(mean, key("z").normal([16, 2])) } })
 * })
 *
 * // After a training: (yield* progress.snapshot).tensors.
 * const tensors = Program.initialState(around, 7)
 * const { points } = await Effect.runPromise(
 *   Effect.provide(Sampling.run(around, tensors, { count: 100, seed: 1 }), Backends.reference)
 * )
 * console.log(points.shape) // [ 100, 2 ]
 * ```
 */
export const runSampler = Effect.fn("Sampling.run")(function* <Input extends string, Output extends string>(
  sampler: Program<Input, Output>,
  tensors: NamedTensors,
  { count, seed, inputs, steps = sampler.steps }: SampleOptions<NoInfer<Input>>
): Effect.fn.Return<Readonly<Record<Output, TensorData>>, BackendError, TensorBackend> {
  requireNumber(count, "samples")
  requireNumber(steps, "steps of each")
  const batch = batchOf(sampler)
  const given = checkedInputs(sampler, inputs, count)
  const backend = yield* TensorBackend
  const begun = yield* specsBegun(sampler, tensors, backend.name)
  const drawn: Array<Readonly<Record<Output, TensorData>>> = []
  const isConstant = Object.keys(sampler.specs).every((path) => isUnchanged(sampler, path))
  const drawBatch = Effect.fnUntraced(function* (executable: Executable<Input, Output>, first: number) {
    const rows = mapRecord(given, (data) => rowsFrom(data, first, batch))
    for (let step = 0; step < steps; step++) {
      yield* executable.step({ inputs: rows, noise: { seed, step: (first / batch) * steps + step } })
    }
    drawn.push(yield* executable.readOutputs)
    yield* Effect.yieldNow
  })
  if (isConstant) {
    yield* Effect.scoped(
      Effect.gen(function* () {
        const executable = yield* backend.compile(sampler, tensors)
        for (let first = 0; first < count; first += batch) yield* drawBatch(executable, first)
      })
    )
  } else {
    for (let first = 0; first < count; first += batch) {
      const beginning = initialise(begun, seed, undefined, first / batch)
      yield* Effect.scoped(
        Effect.flatMap(backend.compile(sampler, { ...beginning, ...tensors }), (executable) =>
          drawBatch(executable, first)
        )
      )
    }
  }
  return mapRecord(sampler.outputs, (_, name: Output) =>
    joined(
      drawn.map((outputs) => held(outputs, name)),
      count
    )
  )
})

const requireNumber = (value: number, what: string): void => {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`a sampler draws 1 or more ${what}, not ${value}`)
}

/** What of the state begins by its specs: it is not given, and the steps move it. */
const specsBegun = (
  sampler: Program,
  tensors: NamedTensors,
  backend: string
): Effect.Effect<Program["specs"], BackendError> => {
  const missing = Object.entries(sampler.specs).filter(([path]) => !Object.hasOwn(tensors, path))
  const constant = missing.find(([path]) => isUnchanged(sampler, path))
  if (constant === undefined) return Effect.succeed(Object.fromEntries(missing))
  const [path, { shape }] = constant
  const there = Object.keys(tensors).join(", ") || "no tensors"
  const problem = `it draws from "${path}" ${formatShape(shape)}, which was not given: there are ${there}`
  return Effect.fail(new BackendError({ backend, program: sampler.name, during: "compile", problem }))
}

const batchOf = ({ name, outputs }: Program): number => {
  const batches = Object.entries<Tensor>(outputs).map(([output, { shape }]) => ({ output, shape }))
  const [first] = batches
  const wrong = batches.find(({ shape }) => shape[0] === undefined || shape[0] !== first?.shape[0])
  const batch = first?.shape[0]
  if (first !== undefined && batch !== undefined && wrong === undefined) return batch
  const found = batches.map(({ output, shape }) => `"${output}" ${formatShape(shape)}`).join(", ")
  throw new ProgramError(
    `${name}: a sampler's outputs have one first axis, which counts the samples of a step; it has ${found || "no outputs"}`
  )
}

const checkedInputs = <Input extends string>(
  { name: program, inputs }: Program<Input>,
  given: Readonly<Record<Input, TensorData>> | undefined,
  count: number
): Readonly<Record<Input, TensorData>> =>
  mapRecord<Input, Tensor, TensorData>(inputs, ({ shape }, name) => {
    const wanted = [count, ...shape.slice(1)]
    const found = given === undefined ? undefined : own<TensorData>(given, name)
    if (found !== undefined && sameShape(found.shape, wanted)) return found
    throw new ProgramError(
      `${program}: the input "${name}" of ${count} samples is ${formatShape(wanted)}, ` +
        (found === undefined ? "and it was not given" : `not ${formatShape(found.shape)}`)
    )
  })

/** `batch` rows from `first` on; the last one is repeated where there are none left. */
const rowsFrom = ({ shape, values }: TensorData, first: number, batch: number): TensorData => {
  const [count = 0, ...example] = shape
  const size = sizeOf(example)
  const rows = new Float32Array(batch * size)
  for (let n = 0; n < batch; n++) {
    const from = Math.min(first + n, count - 1) * size
    rows.set(values.subarray(from, from + size), n * size)
  }
  return tensorData([batch, ...example], rows)
}

/** The first `count` samples of several batches. */
const joined = (batches: ReadonlyArray<TensorData>, count: number): TensorData => {
  const [, ...sample] = batches[0]?.shape ?? []
  const size = sizeOf(sample)
  const values = new Float32Array(count * size)
  let at = 0
  for (const batch of batches) {
    values.set(batch.values.subarray(0, Math.min(batch.values.length, values.length - at)), at)
    at += batch.values.length
  }
  return tensorData([count, ...sample], values)
}
