import { InferenceSession, Tensor } from "onnxruntime-node"
import { noiseNumbers } from "../../../domain/random/noiseSource.ts"
import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { joinExchange } from "./MeanExchange.ts"
import type { ShardSetup, StagePlan } from "./shardPlan.ts"

/** Which random numbers a step draws. */
interface NoiseKey {
  readonly seed: number
  readonly step: number
}

/** A shard's part of an executable, within its thread: sessions for the stages and a replica of the state. */
export interface ShardRunner {
  /**
   * Does one step together with the other shards, on this shard's part of the inputs. Gives the outputs, or `undefined` if
   * the step was abandoned; the state is then what it was. Blocks the thread while it waits for the others.
   */
  readonly step: (inputs: NamedTensors, key: NoiseKey) => Promise<NamedTensors | undefined>
  /** Draws the noise of a step that is likely to come, so that it is there already. */
  readonly foresee: (key: NoiseKey) => void
  readonly readState: () => NamedTensors
}

/** Opens the sessions of a shard. */
export const openShard = async ({ sessionOptions, plan, shard, first, memory }: ShardSetup): Promise<ShardRunner> => {
  const exchange = joinExchange(memory, shard.index, shard.count)
  const stages: Array<{ readonly plan: StagePlan; readonly session: InferenceSession; readonly means: Means }> = []
  for (const stage of plan.stages) {
    const means = stage.means.map(({ shape }) => new Float32Array(sizeOf(shape)))
    stages.push({ plan: stage, session: await InferenceSession.create(stage.model, sessionOptions), means })
  }
  // The runner owns these two cells.
  let state: Readonly<Record<string, Tensor>> = mapRecord(first, ({ shape, values }) => tensorOf(shape, values))
  let drawn: { readonly key: NoiseKey; readonly noise: ReadonlyArray<readonly [string, Tensor]> } | undefined

  const noiseOf = (key: NoiseKey): ReadonlyArray<readonly [string, Tensor]> =>
    drawn?.key.seed === key.seed && drawn.key.step === key.step
      ? drawn.noise
      : plan.noise.map(({ name, source }) => [name, tensorOf(source.shape, noiseNumbers(source, key, shard))])

  /** The values of placeholders and noise at the beginning of a step. */
  const begin = (inputs: NamedTensors, key: NoiseKey): Map<string, Tensor> => {
    const values = new Map<string, Tensor>(noiseOf(key))
    for (const [path, name] of Object.entries(plan.state)) setTo(values, name, state[path])
    for (const [input, name] of Object.entries(plan.inputs)) {
      const data = inputs[input]
      if (data !== undefined) values.set(name, tensorOf(data.shape, data.values))
    }
    return values
  }

  return {
    step: async (inputs, key) => {
      const values = begin(inputs, key)
      const next: Record<string, Tensor> = {}
      const outputs: Record<string, Tensor> = {}
      for (const { plan: stage, session, means } of stages) {
        const feeds: Record<string, Tensor> = {}
        for (const name of stage.inputs) setIn(feeds, name, values.get(name))
        const results = await session.run(feeds)
        for (const { result, offset } of stage.means) exchange.publish(offset, numbersOf(results[result]))
        if (!exchange.meet()) return undefined
        stage.means.forEach(({ name, shape, offset }, i) => {
          const mean = means[i] ?? new Float32Array(0)
          exchange.mean(offset, mean)
          values.set(name, tensorOf(shape, mean))
        })
        for (const [name, result] of Object.entries(stage.kept)) setTo(values, name, results[result])
        for (const [path, result] of Object.entries(stage.next)) setIn(next, path, results[result])
        for (const [name, result] of Object.entries(stage.outputs)) setIn(outputs, name, results[result])
      }
      // The last meeting was of shards that all had all results: they keep them all.
      state = { ...state, ...next }
      return mapRecord(outputs, dataOf)
    },
    foresee: (key) => {
      drawn = { key, noise: noiseOf(key) }
    },
    readState: () => mapRecord(state, dataOf)
  }
}

/** Where the means of a stage are put, step after step: nothing outlives the step that it was read in. */
type Means = ReadonlyArray<Float32Array>

// Not from `ortTensors.ts`, which brings errors along, and with them half of what a program of Effect loads.
const tensorOf = (shape: Shape, values: TensorData["values"]): Tensor =>
  new Tensor("float32", values instanceof Float32Array ? values : Float32Array.from(values), shape)

const numbersOf = (tensor: Tensor | undefined): Float32Array => {
  if (!(tensor?.data instanceof Float32Array)) throw new Error("internal: a result is missing or not float32")
  return tensor.data
}

const dataOf = (tensor: Tensor): TensorData => ({ shape: tensor.dims, values: numbersOf(tensor) })

const setTo = (values: Map<string, Tensor>, name: string, tensor: Tensor | undefined): void => {
  if (tensor === undefined) throw new Error(`internal: "${name}" is missing`)
  values.set(name, tensor)
}

const setIn = (values: Record<string, Tensor>, name: string, tensor: Tensor | undefined): void => {
  if (tensor === undefined) throw new Error(`internal: "${name}" is missing`)
  values[name] = tensor
}
