import type { InferenceSession, Tensor } from "onnxruntime-node"
import { noiseNumbers } from "../../../domain/random/noiseSource.ts"
import { own } from "../../../domain/record/own.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import type { Shard } from "../../../domain/tensor/Sharding.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { isSingle } from "../../../domain/tensor/updates.ts"
import { openDraws } from "./draws.ts"
import type { KernelMemory } from "./kernelMemory.ts"
import { joinMeeting, meetingBytes } from "./meeting.ts"
import type { OrtLibrary } from "./OnnxProvider.ts"
import { type MeanPlan, type RunnerSetup, type StagePlan, updatesToPlace } from "./shardPlan.ts"
import type { UpdatePlan } from "./updateKernel.ts"
import { layOut, openUpdateMemory } from "./updateMemory.ts"

/** Which random numbers a step draws. */
interface NoiseKey {
  readonly seed: number
  readonly step: number
}

/** A program, or a shard's part of it, in the thread that runs it: sessions for the stages and the state, which shards have in common. */
export interface ShardRunner {
  /**
   * Does one step on these inputs, or together with other shards on those that lie in their memory. Gives the outputs,
   * or `undefined` if the step was abandoned; the state is then what it was. Blocks the thread while it waits for the others.
   */
  readonly step: (inputs: NamedTensors, key: NoiseKey) => Promise<NamedTensors | undefined>
  /** Draws the noise of a step that is likely to come, so that it is there already. */
  readonly foresee: (key: NoiseKey) => void
  /** A copy. */
  readonly readState: () => NamedTensors
  readonly close: () => Promise<void>
}

/** Opens the sessions of a program of one shard, or those of one of several, which meet and have the state in `memory`. */
export const openRunner = async (
  library: OrtLibrary,
  { sessionOptions, plan, first, resultsInPlace, profileTo }: RunnerSetup,
  among?: { readonly shard: Shard; readonly memory: KernelMemory }
): Promise<ShardRunner> => {
  // Not from `ortTensors.ts`, which brings errors along, and with them half of what a program of Effect loads.
  const tensorOf = (shape: Shape, values: TensorData["values"]): Tensor =>
    new library.Tensor("float32", values instanceof Float32Array ? values : Float32Array.from(values), shape)
  const copied = (tensor: Tensor | undefined): Tensor | undefined =>
    tensor === undefined ? undefined : tensorOf(tensor.dims, numbersOf(tensor).slice())

  const layout = layOut(updatesToPlace(plan), among === undefined ? 0 : meetingBytes)
  const memory = openUpdateMemory(layout, among)
  const others = new Set(layout.updates.others.map(({ name }) => name))
  const meet = among === undefined ? () => true : joinMeeting(among.memory.buffer, among.shard.count).meet
  /** A stage's results that have a place in memory, into which the engine is to write them. */
  const placesOf = ({ means, kept }: StagePlan): Readonly<Record<string, Tensor>> => {
    const places = [
      ...means.map(({ name, result, published }) => [result, published[among?.shard.index ?? 0] ?? name] as const),
      // Into what shards have in common each puts its own part only.
      ...(among === undefined ? Object.entries(kept).map(([name, result]) => [result, name] as const) : [])
    ]
    return Object.fromEntries(
      places.flatMap(([result, name]) =>
        layout.shapes.has(name) ? [[result, inPlace(name, layout.shapes.get(name) ?? [])]] : []
      )
    )
  }
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
    stages.push({ plan: stage, session, placed: resultsInPlace ? placesOf(stage) : {} })
  }
  const updates = [...plan.stages.flatMap((stage) => stage.updates), ...plan.lastUpdates]
  const updated = new Set(updates.flatMap(({ next }) => Object.keys(next)))
  if (among === undefined || among.shard.index === 0)
    for (const path of updated) memory.numbers(own(plan.state, path) ?? "")?.set(own(first, path)?.values ?? [])
  // The runner owns these two cells, and the memory of the updates.
  let state: Readonly<Record<string, Tensor>> = mapRecord(first, ({ shape, values }, path) =>
    updated.has(path) ? inPlace(own(plan.state, path) ?? "", shape) : tensorOf(shape, values)
  )
  const draws = openDraws()
  let drawn: { readonly key: NoiseKey; readonly noise: ReadonlyArray<readonly [string, Tensor]> } | undefined

  function inPlace(name: string, shape: Shape): Tensor {
    return tensorOf(shape, memory.numbers(name) ?? new Float32Array(0))
  }

  const noiseOf = (key: NoiseKey): ReadonlyArray<readonly [string, Tensor]> =>
    drawn?.key.seed === key.seed && drawn.key.step === key.step
      ? drawn.noise
      : plan.noise.map(({ name, source }) => [
          name,
          tensorOf(source.shape, noiseNumbers(source, key, among?.shard, draws))
        ])

  /** The values of placeholders and noise at the beginning of a step. */
  const begin = (inputs: NamedTensors, key: NoiseKey): Map<string, Tensor> => {
    const values = new Map<string, Tensor>(noiseOf(key))
    for (const [path, name] of Object.entries(plan.state)) setTo(values, name, own(state, path))
    for (const [input, name] of Object.entries(plan.inputs)) {
      const data = own(inputs, input)
      if (data !== undefined) values.set(name, tensorOf(data.shape, data.values))
    }
    for (const [input, { shape, places }] of Object.entries(plan.given))
      values.set(own(plan.inputs, input) ?? "", inPlace(places[among?.shard.index ?? 0] ?? "", shape))
    return values
  }

  /** Runs a stage; what has a place in memory lies there. */
  const run = async ({ plan: stage, session, placed }: OpenStage, values: ReadonlyMap<string, Tensor>) => {
    if (session === undefined) return {}
    const feeds = new Map<string, Tensor>()
    for (const name of stage.inputs) setTo(feeds, name, values.get(name))
    const wanted = session.outputNames.map((name) => [name, own(placed, name) ?? null] as const)
    const results = await session.run(Object.fromEntries(feeds), Object.fromEntries(wanted))
    // The binding gives copies of these all the same. Their memory is used again at once, which otherwise a later collection would free.
    for (const [name, place] of Object.entries(placed)) discard(own(results, name), place)
    return { ...results, ...placed }
  }

  /** The mean of a single number that all shards have published: in float64, rounded once. */
  const meanOfOne = ({ shape, published }: MeanPlan): Tensor => {
    const numbers = published.map((name) => memory.numbers(name)?.[0] ?? Number.NaN)
    return tensorOf(shape, Float32Array.of(numbers.reduce((sum, number) => sum + number, 0) / numbers.length))
  }

  /** Makes an update and adds what it made to the values, and to the next state. */
  const update = (part: UpdatePlan, values: Map<string, Tensor>, next: Map<string, Tensor>): void => {
    // State and what other updates made lie there already.
    for (const name of part.tensors) if (!others.has(name)) memory.put(part, name, numbersOf(values.get(name)))
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
      for (const open of stages) {
        const stage = open.plan
        const results = await run(open, values)
        // Where nothing was run nothing can have failed, and there is nothing to agree on.
        if (open.session !== undefined && !meet()) return undefined
        for (const mean of stage.means) {
          if (among === undefined) setTo(values, mean.name, own(results, mean.result))
          else if (isSingle(mean)) values.set(mean.name, meanOfOne(mean))
        }
        for (const [name, result] of Object.entries(stage.kept)) setTo(values, name, own(results, result))
        for (const part of stage.updates) update(part, values, next)
        // Of what comes now all of it is read.
        if (stage.updates.length > 0 && !meet()) return undefined
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
  /** By the names of the session's outputs. */
  readonly placed: Readonly<Record<string, Tensor>>
}

/** Frees the memory of a result that nobody reads: at once, so that the next one of its size gets it, still in the processor's cache. */
const discard = (copy: Tensor | undefined, place: Tensor): void => {
  const { buffer } = numbersOf(copy)
  if (buffer instanceof ArrayBuffer && buffer !== numbersOf(place).buffer) buffer.transfer(0)
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
