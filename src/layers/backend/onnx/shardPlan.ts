import type { InferenceSession } from "onnxruntime-node"
import { own } from "../../../domain/record/own.ts"
import { addAll, multiply } from "../../../domain/tensor/arithmetic.ts"
import type { NamedExpressions, Program } from "../../../domain/tensor/Program.ts"
import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import { type Shard, shardsOf } from "../../../domain/tensor/Sharding.ts"
import { placeholder } from "../../../domain/tensor/source.ts"
import { type Stage, stagesOf } from "../../../domain/tensor/stages.ts"
import type { Node, Tensor } from "../../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { updatesOf } from "../../../domain/tensor/updates.ts"
import { noiseSources } from "../validation.ts"
import { inputName } from "./inputName.ts"
import { lowerProgram } from "./lowering.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"
import { planUpdate, type UpdatePlan } from "./updateKernel.ts"

/** A stage's results by name, each with the graph output that holds it. */
export type StageResults = Readonly<Record<string, string>>

/** One stage of a shard as an ONNX model, and what its inputs and outputs are. Data only: it is sent to worker threads. */
export interface StagePlan {
  /** Left out where nothing is to be computed. */
  readonly model?: Uint8Array
  /** The graph's inputs, by `inputName`. */
  readonly inputs: ReadonlyArray<string>
  readonly means: ReadonlyArray<{
    readonly name: string
    readonly result: string
    readonly shape: Shape
    /** Where it is in a shard's slot of the exchange. */
    readonly offset: number
    /** Makes it of what the shards have published, its tensors in their order; left out of a single number. */
    readonly kernel?: UpdatePlan
  }>
  readonly kept: StageResults
  readonly next: StageResults
  readonly outputs: StageResults
  /** Next state and outputs that are values already, by their names: a mean, a placeholder. */
  readonly known: { readonly next: StageResults; readonly outputs: StageResults }
  /** Made when the stage has run, beside the state that they are made of: whatever comes after may fail. */
  readonly updates: ReadonlyArray<UpdatePlan>
}

/** A program ready to be run: by the calling thread, or on several shards by as many threads. */
export interface ShardPlan {
  readonly stages: ReadonlyArray<StagePlan>
  /** Updates that nothing of a step waits for: made when all of it has succeeded, in the place of the state that they are made of. */
  readonly lastUpdates: ReadonlyArray<UpdatePlan>
  /** None in a program of one. */
  readonly shards: ReadonlyArray<Shard>
  /** Numbers that a shard publishes in a step. */
  readonly numbers: number
  /** Noise sources and the graphs' names for them. */
  readonly noise: ReadonlyArray<{ readonly name: string; readonly source: Node<"noise"> }>
  /** Names of placeholders, by path. */
  readonly state: Readonly<Record<string, string>>
  /** Names of placeholders, by input. */
  readonly inputs: Readonly<Record<string, string>>
}

/** What a program, or a shard's part of it, is started with. */
export interface RunnerSetup {
  readonly sessionOptions: InferenceSession.SessionOptions
  readonly plan: ShardPlan
  /** The first state, in float32. */
  readonly first: NamedTensors
  /** What files begin with in which the engine is to write how long its operators take, one a stage; left out, it does not measure. */
  readonly profileTo?: string
}

/** What a worker thread is started with. */
export interface ShardSetup extends RunnerSetup {
  readonly shard: Shard
  /** Of `exchangeMemory`. */
  readonly memory: SharedArrayBuffer
}

/** Lowers a program: one ONNX model for each stage between exchanges, and a kernel for each update. */
export const planShards = (
  program: Program,
  { operatorSet, convolutions }: Pick<OnnxProvider, "operatorSet" | "convolutions">
): ShardPlan => {
  let numbers = 0
  const place = (size: number): number => {
    const offset = numbers
    numbers += size
    return offset
  }
  const shards = program.shards === undefined ? [] : shardsOf(program.shards)
  const stages = stagesOf(program, updatesOf(program)).map((stage, i) =>
    planStage({ ...program, name: `${program.name}, stage ${i + 1}` }, stage, {
      operatorSet,
      convolutions,
      place,
      shards: shards.length
    })
  )
  const state = mapRecord(program.state, nameOf)
  const last = new Set(lastUpdatesOf(stages, state))
  return {
    stages: stages.map((stage) => ({ ...stage, updates: stage.updates.filter((update) => !last.has(update)) })),
    lastUpdates: [...last],
    shards,
    numbers,
    noise: noiseSources(program).map((source) => ({ name: inputName(source), source })),
    state,
    inputs: mapRecord(program.inputs, nameOf)
  }
}

/** Updates whose results nothing else reads in a step, and the state in whose place they come nothing after it. */
const lastUpdatesOf = (
  stages: ReadonlyArray<StagePlan>,
  state: Readonly<Record<string, string>>
): ReadonlyArray<UpdatePlan> => {
  const updates = stages.flatMap((stage) => stage.updates)
  const given = new Set(stages.flatMap(({ inputs }) => inputs))
  const known = new Set(
    stages.flatMap((stage) => [stage.known.next, stage.known.outputs].flatMap(Object.values<string>))
  )
  const isRead = (name: string, by: UpdatePlan): boolean =>
    known.has(name) || updates.some((other) => other !== by && [...other.tensors, ...other.singles].includes(name))
  return updates.filter(
    (update) =>
      !update.results.some((name) => given.has(name) || isRead(name, update)) &&
      !Object.keys(update.next).some((path) => isRead(own(state, path) ?? "", update))
  )
}

const kinds = ["means", "kept", "next", "outputs"] as const

const planStage = (
  { name, forAnyBatch }: Program,
  stage: Stage,
  {
    operatorSet,
    convolutions,
    place,
    shards
  }: Pick<OnnxProvider, "operatorSet" | "convolutions"> & {
    readonly place: (size: number) => number
    readonly shards: number
  }
): StagePlan => {
  const computed = (kind: (typeof kinds)[number]): NamedExpressions =>
    kind === "next" || kind === "outputs" ? withoutValues(stage[kind]) : stage[kind]
  const outputs: NamedExpressions = Object.fromEntries(
    kinds.flatMap((kind) => Object.entries(computed(kind)).map(([key, tensor]) => [`${kind} ${key}`, tensor]))
  )
  const part = { name, state: {}, inputs: {}, next: {}, outputs }
  const lowered = lowerProgram(forAnyBatch === true ? { ...part, forAnyBatch } : part, { convolutions })
  const results = (kind: (typeof kinds)[number]): StageResults =>
    mapRecord(computed(kind), (_, key) => lowered.outputs[`${kind} ${key}`] ?? "")
  return {
    ...(Object.keys(outputs).length === 0 ? {} : { model: encodeOnnxModel(lowered.graph, operatorSet) }),
    inputs: lowered.graph.inputs.map((input) => input.name),
    means: Object.entries(stage.means).map(([key, { shape }]) => ({
      name: key,
      result: lowered.outputs[`means ${key}`] ?? "",
      shape,
      offset: place(sizeOf(shape)),
      ...(sizeOf(shape) === 1 || shards < 2 ? {} : { kernel: planMean(key, shape, shards) })
    })),
    kept: results("kept"),
    next: results("next"),
    outputs: results("outputs"),
    known: { next: valuesIn(stage.next), outputs: valuesIn(stage.outputs) },
    updates: stage.updates.map(planUpdate)
  }
}

/** A kernel for the mean of what all shards have published: their sum, in order, times 1 / K. */
const planMean = (name: string, shape: Shape, shards: number): UpdatePlan => {
  const published = Array.from({ length: shards }, (_, shard) => placeholder(`${name} of shard ${shard + 1}`, shape))
  return planUpdate({ results: { [name]: multiply(addAll(published), 1 / shards) }, next: {} })
}

const isValue = (tensor: Tensor): boolean => tensor.op === "placeholder"

const withoutValues = (expressions: NamedExpressions): NamedExpressions =>
  Object.fromEntries(Object.entries(expressions).filter(([, tensor]) => !isValue(tensor)))

const valuesIn = (expressions: NamedExpressions): StageResults =>
  mapRecord(Object.fromEntries(Object.entries(expressions).filter(([, tensor]) => isValue(tensor))), nameOf)

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? inputName(tensor) : "")
