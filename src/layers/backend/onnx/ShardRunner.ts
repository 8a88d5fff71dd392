import type { InferenceSession, Tensor } from "onnxruntime-node"
import { noiseNumbers } from "../../../domain/random/noiseSource.ts"
import { own } from "../../../domain/record/own.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import type { Shard } from "../../../domain/tensor/Sharding.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import type { MeanExchange } from "./MeanExchange.ts"
import { openNormals } from "./normalNumbers.ts"
import type { OrtLibrary } from "./OnnxProvider.ts"
import type { RunnerSetup, StagePlan } from "./shardPlan.ts"
import type { UpdatePlan } from "./updateKernel.ts"
import { openUpdateMemory } from "./updateMemory.ts"

/** Which random numbers a step draws. */
interface NoiseKey {
  readonly seed: number
  readonly step: number
}

/** A program, or a shard's part of it, in the thread that runs it: sessions for the stages and (a replica of) the state. */
export interface ShardRunner {
  /**
   * Does one step, together with the other shards if there are any, on this shard's part of the inputs. Gives the outputs,
   * or `undefined` if the step was abandoned; the state is then what it was. Blocks the thread while it waits for the others.
   */
  readonly step: (inputs: NamedTensors, key: NoiseKey) => Promise<NamedTensors | undefined>
  /** Draws the noise of a step that is likely to come, so that it is there already. */
  readonly foresee: (key: NoiseKey) => void
  /** A copy. */
  readonly readState: () => NamedTensors
  readonly close: () => Promise<void>
}

/** Opens the sessions of a program of one shard, or those of one of several, which meet in `exchange`. */
export const openRunner = async (
  library: OrtLibrary,
  { sessionOptions, plan, first, profileTo }: RunnerSetup,
  among?: { readonly shard: Shard; readonly exchange: MeanExchange }
): Promise<ShardRunner> => {
  // Not from `ortTensors.ts`, which brings errors along, and with them half of what a program of Effect loads.
  const tensorOf = (shape: Shape, values: TensorData["values"]): Tensor =>
    new library.Tensor("float32", values instanceof Float32Array ? values : Float32Array.from(values), shape)
  const copied = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor === undefined ? undefined : tensorOf(tensor.dims, numbersOf(tensor).slice())

  const memory = openUpdateMemory(
    plan.stages.flatMap(({ means, updates }) => [
      ...means.flatMap(({ kernel }) => (kernel === undefined ? [] : [kernel])),
      ...updates
    ]),
    plan.state,
    plan.lastUpdates
  )
  const stages: Array<OpenStage> = []
  for (const [i, stage] of plan.stages.entries()) {
    const profiling = profileTo === undefined ? {} : { enableProfiling: true, profileFilePrefix: `${profileTo}-${i}` }
    const session =
      stage.model === undefined
        ? undefined
        : await library.InferenceSession.create(stage.model, {
            ...sessionOptions,
            ...(stage.model.length > largeModel ? { graphOptimizationLevel: "basic" } : {}),
            ...profiling
          })
    stages.push({ plan: stage, session })
  }
  const updates = [...plan.stages.flatMap((stage) => stage.updates), ...plan.lastUpdates]
  const updated = new Set(updates.flatMap(({ next }) => Object.keys(next)))
  for (const path of updated) memory.numbers(own(plan.state, path) ?? "")?.set(own(first, path)?.values ?? [])
  // The runner owns these two cells, and the memory of the updates.
  let state: Readonly<Record<string, Tensor>> = mapRecord(first, ({ shape, values }, path) =>
    updated.has(path) ? inPlace(own(plan.state, path) ?? "", shape) : tensorOf(shape, values)
  )
  const drawsNormals = plan.noise.some(({ source }) => source.parameters.distribution.kind === "normal")
  const normals = drawsNormals ? openNormals() : undefined
  let drawn: { readonly key: NoiseKey; readonly noise: ReadonlyArray<readonly [string, Tensor]> } | undefined

  function inPlace(name: string, shape: Shape): Tensor {
    return tensorOf(shape, memory.numbers(name) ?? new Float32Array(0))
  }

  const noiseOf = (key: NoiseKey): ReadonlyArray<readonly [string, Tensor]> =>
    drawn?.key.seed === key.seed && drawn.key.step === key.step
      ? drawn.noise
      : plan.noise.map(({ name, source }) => [
          name,
          tensorOf(source.shape, noiseNumbers(source, key, among?.shard, normals))
        ])

  /** The values of placeholders and noise at the beginning of a step. */
  const begin = (inputs: NamedTensors, key: NoiseKey): Map<string, Tensor> => {
    const values = new Map<string, Tensor>(noiseOf(key))
    for (const [path, name] of Object.entries(plan.state)) setTo(values, name, own(state, path))
    for (const [input, name] of Object.entries(plan.inputs)) {
      const data = own(inputs, input)
      if (data !== undefined) values.set(name, tensorOf(data.shape, data.values))
    }
    return values
  }

  /** The mean of what the shards have published, of which `published` is this one's. */
  const meanOf = (
    { name, shape, offset, kernel }: StagePlan["means"][number],
    exchange: MeanExchange,
    published: Float32Array
  ): Tensor => {
    if (kernel === undefined) {
      // A single number: in float64, rounded once.
      const numbers = plan.shards.map((_, shard) => {
        const number = new Float32Array(1)
        exchange.read(shard, offset, number)
        return number[0] ?? Number.NaN
      })
      return tensorOf(shape, Float32Array.of(numbers.reduce((sum, number) => sum + number, 0) / numbers.length))
    }
    kernel.tensors.forEach((slot, shard) => {
      const place = memory.numbers(slot) ?? new Float32Array(0)
      // Its own it need not fetch from memory that the others read at the same time: a quarter less time for an exchange of two shards.
      if (shard === among?.shard.index) place.set(published)
      else exchange.read(shard, offset, place)
    })
    memory.run(kernel, [])
    return inPlace(name, shape)
  }

  /** Makes an update and adds what it made to the values, and to the next state. */
  const update = (part: UpdatePlan, values: Map<string, Tensor>, next: Map<string, Tensor>): void => {
    for (const name of part.tensors) {
      // State, means and what other updates made are there already.
      const [place, numbers] = [memory.numbers(name), numbersOf(values.get(name))]
      if (place?.buffer !== numbers.buffer) place?.set(numbers)
    }
    memory.run(
      part,
      part.singles.map((name) => numbersOf(values.get(name))[0] ?? Number.NaN)
    )
    for (const name of part.results) values.set(name, inPlace(name, part.shape))
    for (const [path, name] of Object.entries(part.next)) setTo(next, path, values.get(name))
  }

  return {
    step: async (inputs, key) => {
      const values = begin(inputs, key)
      const next = new Map<string, Tensor>()
      const outputs = new Map<string, Tensor>()
      for (const { plan: stage, session } of stages) {
        const feeds = new Map<string, Tensor>()
        for (const name of stage.inputs) setTo(feeds, name, values.get(name))
        const results: Readonly<Record<string, Tensor>> =
          session === undefined ? {} : await session.run(Object.fromEntries(feeds))
        if (among === undefined) {
          for (const { name, result } of stage.means) setTo(values, name, own(results, result))
        } else if (session !== undefined) {
          // Where nothing was run nothing can have failed, and there is nothing to agree on.
          const { exchange } = among
          for (const { result, offset } of stage.means) exchange.publish(offset, numbersOf(own(results, result)))
          if (!exchange.meet()) return undefined
          for (const mean of stage.means)
            values.set(mean.name, meanOf(mean, exchange, numbersOf(own(results, mean.result))))
        }
        for (const [name, result] of Object.entries(stage.kept)) setTo(values, name, own(results, result))
        for (const part of stage.updates) update(part, values, next)
        for (const [path, result] of Object.entries(stage.next)) setTo(next, path, own(results, result))
        // Not what was given itself, which is its owner's.
        for (const [path, name] of Object.entries(stage.known.next)) setTo(next, path, copied(values.get(name)))
        for (const [name, result] of Object.entries(stage.outputs)) setTo(outputs, name, own(results, result))
        for (const [name, value] of Object.entries(stage.known.outputs)) setTo(outputs, name, values.get(value))
      }
      // The last meeting was of shards whose runs had all succeeded: they all keep what they have made.
      for (const part of plan.lastUpdates) update(part, values, next)
      memory.turn()
      state = { ...state, ...Object.fromEntries(next) }
      return mapRecord(Object.fromEntries(outputs), copyOf)
    },
    foresee: (key) => {
      drawn = { key, noise: noiseOf(key) }
    },
    readState: () => mapRecord(state, copyOf),
    close: async () => {
      for (const { session } of stages) await session?.release()
    }
  }
}

// Of a program of 17,697 primitives (1.7 MiB), all of the engine's optimisations took 7.4 seconds and the basic ones 5.1, for the same time of an
// update (docs/performance.md).
const largeModel = 2 ** 20

interface OpenStage {
  readonly plan: StagePlan
  readonly session: InferenceSession | undefined
}

const numbersOf = (tensor: Tensor | undefined): Float32Array => {
  if (!(tensor?.data instanceof Float32Array)) throw new Error("internal: a result is missing or not float32")
  return tensor.data
}

// Results in the memory of updates are views of it, which must not leave: it is written to at the next step.
const copyOf = (tensor: Tensor): TensorData => ({ shape: tensor.dims, values: numbersOf(tensor).slice() })

const setTo = (values: Map<string, Tensor>, name: string, tensor: Tensor | undefined): void => {
  if (tensor === undefined) throw new Error(`internal: "${name}" is missing`)
  values.set(name, tensor)
}
