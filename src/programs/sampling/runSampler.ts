import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { initialise } from "../../domain/nn/parameter.ts"
import type { Program } from "../../domain/program/Program.ts"
import { nextName, pureProgram, stepAsFunction } from "../../domain/program/pureProgram.ts"
import { type Draws, noiseNumbers } from "../../domain/random/noiseSource.ts"
import { held, own } from "../../domain/record/own.ts"
import { anyBatch, formatAnyShape, grows, shapeAt } from "../../domain/tensor/anyBatch.ts"
import { type Program as Graph, isUnchanged, makeProgram, ProgramError } from "../../domain/tensor/Program.ts"
import type { LatentInput } from "../../domain/tensor/rewrite/explicitNoise.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import { noise } from "../../domain/tensor/source.ts"
import type { Tensor } from "../../domain/tensor/Tensor.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { openDraws } from "../../layers/backend/onnx/draws.ts"
import { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"

/** How much is drawn, from which random numbers, given what. */
export interface SampleOptions<Input extends string> {
  readonly count: number
  readonly seed: number
  /** The program's inputs (latents, labels), for all samples: `[count, ...]` each. */
  readonly inputs?: Readonly<Record<Input, TensorData>>
  /** Steps from the state's beginning to a sample, for samplers whose steps move a state (diffusion); the sampler's own if left out. */
  readonly steps?: number
}

/** A program whose outputs are samples, `[batch, ...]` each, or such a program for each batch. */
export type Sampler<Input extends string = string, Output extends string = string> =
  | Program<Input, Output>
  | ((batch: number) => Program<Input, Output>)

/**
 * Draws from a program whose outputs are samples, `[batch, ...]` each: returns `[count, ...]` of each. Of `tensors`, a training's
 * state say, those that the sampler's state names are taken. What else its steps move begins as its specs say, and every batch
 * begins anew; what they leave as it is (parameters) must be given.
 *
 * A function that gives the program of a batch is compiled once for any batch (`programForAnyBatch`), and no more samples are computed than
 * are asked for; where that cannot be, and for a program, batches are full and the last one's rest is thrown away.
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
 * const mean = { shape: [1, 2], initialiser: { kind: "constant", value: 5 } } as const
 * const around = Program.sampler("points around their mean", { mean }, ({ mean }, batch, key) => ({
 *   points: add(mean, key("z").normal([batch, 2]))
 * }))
 *
 * // After a training: (yield* progress.snapshot).tensors.
 * const tensors = Program.initialState(around(1), 7)
 * const { points } = await Effect.runPromise(
 *   Effect.provide(Sampling.run(around, tensors, { count: 100, seed: 1 }), Backends.reference)
 * )
 * console.log(points.shape) // [ 100, 2 ]
 * ```
 */
export const runSampler = Effect.fn("Sampling.run")(
  <Input extends string, Output extends string>(
    sampler: Sampler<Input, Output>,
    tensors: NamedTensors,
    options: SampleOptions<NoInfer<Input>>
  ) =>
    Effect.suspend(() => {
      const plan = typeof sampler === "function" ? planForAny(sampler, false) : planFixed(sampler)
      requireNumber(options.count, "samples")
      const given: NamedTensors = checkedInputs(plan.sampler, options.inputs, options.count)
      return drawSamples(plan, tensors, options, (first, size) =>
        mapRecord(given, (data) => rowsFrom(data, first, size))
      )
    })
)

/** What a program of ours is run over; `rows` gives its inputs for this many examples, of which those behind the last of all do not count. */
export interface KnownOptions<Input extends string> {
  readonly count: number
  readonly seed: number
  readonly rows?: (first: number, size: number) => Readonly<Record<Input, TensorData>>
}

/** `runSampler` of a program of ours, which tests have tried for other batches; its inputs are asked for as they are needed. */
export const runKnownSampler = <Input extends string, Output extends string>(
  sampler: (batch: number) => Program<Input, Output>,
  tensors: NamedTensors,
  { rows, ...options }: KnownOptions<Input>
) => Effect.suspend(() => drawSamples(planForAny(sampler, true), tensors, options, rows ?? (() => ({}))))

/** How a sampler is run: its step as a function of inputs, latents and the state that it moves. */
interface Plan<Input extends string, Output extends string> {
  readonly sampler: Program<Input, Output>
  readonly graph: Graph
  readonly latents: ReadonlyArray<LatentInput>
  /** Samples of a full batch: fixed, so that sample i of a seed is the same however many are asked for. */
  readonly batch: number
  /** Whether fewer can be computed, and the sampler's sizes are those for any batch. */
  readonly isForAny: boolean
}

const planFixed = <I extends string, O extends string>(sampler: Program<I, O>): Plan<I, O> => {
  const batch = batchOf(sampler, formatShape)
  const isConstant = Object.keys(sampler.specs).every((path) => isUnchanged(sampler, path))
  const { state, inputs, outputs } = stepAsFunction(sampler)
  const graph = isConstant ? sampler : makeProgram({ name: sampler.name, state, inputs, next: state, outputs })
  return { sampler, graph, latents: [], batch, isForAny: false }
}

const usualBatch = 100

/**
 * `count` samples as a multiple of 16, at most a batch: engines compute what is left over of a vector's 16 numbers in another way, which could
 * change a sample's last bit with the number that is asked for.
 */
const wholeVectors = (count: number, batch: number): number => Math.min(batch, Math.ceil(count / 16) * 16)

const planForAny = <I extends string, O extends string>(
  samplerOf: (batch: number) => Program<I, O>,
  isKnown: boolean
): Plan<I, O> => {
  try {
    const sampler = samplerOf(anyBatch)
    const stepOf = (batch: number) => stepAsFunction(batch === anyBatch ? sampler : samplerOf(batch))
    const pure = pureProgram(sampler.name, stepOf, { prefix: "", dropout: "inputs", isKnown, isSimple: true })
    batchOf(sampler, formatAnyShape)
    return { sampler, graph: pure.program, latents: pure.latents, batch: usualBatch, isForAny: true }
  } catch (error) {
    if (error instanceof ProgramError) return planFixed(samplerOf(usualBatch))
    throw error
  }
}

const drawSamples = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  { sampler, graph, latents, batch, isForAny }: Plan<Input, Output>,
  tensors: NamedTensors,
  {
    count,
    seed,
    steps = sampler.steps
  }: { readonly count: number; readonly seed: number; readonly steps?: number | undefined },
  rowsOf: (first: number, size: number) => NamedTensors
): Effect.fn.Return<Readonly<Record<Output, TensorData>>, BackendError, TensorBackend | Scope.Scope> {
  requireNumber(count, "samples")
  requireNumber(steps, "steps of each")
  const backend = yield* TensorBackend
  const moved = Object.keys(sampler.specs).filter((path) => !isUnchanged(sampler, path))
  const begun = yield* specsBegun(sampler, tensors, backend.name)
  const whole = (shape: Shape): Shape => (isForAny ? shapeAt(shape, batch) : shape)
  const draws = openDraws()
  const executable = yield* backend.compile(graph, tensors)
  const drawn: Array<NamedTensors> = []
  for (let first = 0; first < count; first += batch) {
    const size = isForAny ? wholeVectors(count - first, batch) : batch
    const rows = rowsOf(first, size)
    const specs = mapRecord(begun, (spec) => ({ ...spec, shape: whole(spec.shape) }))
    const beginning = { ...initialise(specs, seed, undefined, first / batch), ...tensors }
    let state: NamedTensors = Object.fromEntries(
      moved.map((path) => {
        const axis = isForAny ? (own(sampler.specs, path)?.shape ?? []).findIndex(grows) : -1
        const data = held(beginning, path)
        return [path, axis < 0 ? data : firstAlong(data, axis, size)]
      })
    )
    let outputs: NamedTensors = {}
    for (let step = 0; step < steps; step++) {
      const key = { seed, step: (first / batch) * steps + step }
      const random = Object.fromEntries(
        latents.map((latent) => [latent.name, latentNumbers(latent, batch, size, key, draws)])
      )
      yield* executable.step({ inputs: { ...rows, ...random, ...state }, noise: key })
      outputs = yield* executable.readOutputs
      const made = outputs
      state = mapRecord(state, (_, path) => held(made, nextName(path)))
    }
    drawn.push(outputs)
    yield* Effect.yieldNow
  }
  return mapRecord(sampler.outputs, (_, name: Output) =>
    joined(
      drawn.map((outputs) => held(outputs, name)),
      count
    )
  )
}, Effect.scoped)

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

const batchOf = ({ name, outputs }: Program, format: (shape: Shape) => string): number => {
  const batches = Object.entries<Tensor>(outputs).map(([output, { shape }]) => ({ output, shape }))
  const [first] = batches
  const wrong = batches.find(({ shape }) => shape[0] === undefined || shape[0] !== first?.shape[0])
  const batch = first?.shape[0]
  if (first !== undefined && batch !== undefined && wrong === undefined) return batch
  const found = batches.map(({ output, shape }) => `"${output}" ${format(shape)}`).join(", ")
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
export const rowsFrom = ({ shape, values }: TensorData, first: number, batch: number): TensorData => {
  const [count = 0, ...example] = shape
  const size = sizeOf(example)
  const rows = new Float32Array(batch * size)
  for (let n = 0; n < batch; n++) {
    const from = Math.min(first + n, count - 1) * size
    rows.set(values.subarray(from, from + size), n * size)
  }
  return tensorData([batch, ...example], rows)
}

/** The numbers of a latent for the first `size` of a batch's samples, those first: `[size, ...]`. */
const latentNumbers = (
  { stream, distribution, batchAxis, sizes }: LatentInput,
  batch: number,
  size: number,
  key: { readonly seed: number; readonly step: number },
  draws: Draws
): TensorData => {
  const shape = sizes.toSpliced(batchAxis, 0, batchAxis === 0 ? size : batch)
  const source = noise(stream, distribution, shape)
  if (source.op !== "noise") throw new Error("internal: noise is no noise")
  const data = tensorData(shape, noiseNumbers(source, key, undefined, draws))
  return batchAxis === 0 ? data : axisFirst(firstAlong(data, batchAxis, size), batchAxis)
}

/** The first `size` entries along an axis. */
const firstAlong = ({ shape, values }: TensorData, axis: number, size: number): TensorData => {
  const [run, whole] = [size * sizeOf(shape.slice(axis + 1)), sizeOf(shape.slice(axis))]
  const first = new Float32Array(sizeOf(shape.slice(0, axis)) * run)
  for (let at = 0; at < first.length; at += run) {
    first.set(values.subarray((at / run) * whole, (at / run) * whole + run), at)
  }
  return tensorData(shape.with(axis, size), first)
}

/** The same numbers with an axis in front of the others. */
const axisFirst = ({ shape, values }: TensorData, axis: number): TensorData => {
  const [before, size, inner] = [sizeOf(shape.slice(0, axis)), shape[axis] ?? 1, sizeOf(shape.slice(axis + 1))]
  const moved = new Float32Array(values.length)
  for (let i = 0; i < before; i++) {
    for (let k = 0; k < size; k++) {
      const from = (i * size + k) * inner
      moved.set(values.subarray(from, from + inner), (k * before + i) * inner)
    }
  }
  return tensorData([size, ...shape.toSpliced(axis, 1)], moved)
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
