import type { InferenceSession } from "onnxruntime-node"
import { own } from "../../../domain/record/own.ts"
import { addAll, multiply } from "../../../domain/tensor/arithmetic.ts"
import { inputsFirst } from "../../../domain/tensor/order.ts"
import type { NamedExpressions, Program } from "../../../domain/tensor/Program.ts"
import { replaced } from "../../../domain/tensor/rules.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import { type Shard, type Sharding, shardsOf } from "../../../domain/tensor/Sharding.ts"
import { placeholder } from "../../../domain/tensor/source.ts"
import { type Stage, type StageUpdate, stagesOf } from "../../../domain/tensor/stages.ts"
import type { Node, Tensor } from "../../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { isSingle, updatesOf } from "../../../domain/tensor/updates.ts"
import { noiseSources } from "../validation.ts"
import type { Form } from "./forms.ts"
import { inputName } from "./inputName.ts"
import type { KernelMemory } from "./kernelMemory.ts"
import { lowerProgram } from "./lowering.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"
import { planUpdate, type UpdatePlan } from "./updateKernel.ts"
import type { UpdatesToPlace } from "./updateMemory.ts"

/** A stage's results by name, each with the graph output that holds it. */
export type StageResults = Readonly<Record<string, string>>

/** A mean over shards: of what is a result of each. */
export interface MeanPlan {
  readonly name: string
  readonly result: string
  readonly shape: Shape
  /** Names of what the shards publish for it, in their order; none in a program of one. */
  readonly published: ReadonlyArray<string>
}

/** One stage of a shard as an ONNX model, and what its inputs and outputs are. Data only: it is sent to worker threads. */
export interface StagePlan {
  /** Left out where nothing is to be computed. */
  readonly model?: Uint8Array
  /** The graph's inputs, by `inputName`. */
  readonly inputs: ReadonlyArray<string>
  readonly means: ReadonlyArray<MeanPlan>
  readonly kept: StageResults
  readonly next: StageResults
  readonly outputs: StageResults
  /** Next state and outputs that are values already, by their names: a mean, a placeholder. */
  readonly known: { readonly next: StageResults; readonly outputs: StageResults }
  /**
   * Made when the stage has run, beside the state that they are made of: whatever comes after may fail. Among them are the means that
   * something else than updates reads; updates make those that they read of what is published.
   */
  readonly updates: ReadonlyArray<UpdatePlan>
}

/** A program ready to be run: by the calling thread, or on several shards by as many threads. */
export interface ShardPlan {
  readonly stages: ReadonlyArray<StagePlan>
  /** Updates that nothing of a step waits for: made when all of it has succeeded, in the place of the state that they are made of. */
  readonly lastUpdates: ReadonlyArray<UpdatePlan>
  /** None in a program of one. */
  readonly shards: ReadonlyArray<Shard>
  /** Noise sources and the graphs' names for them. */
  readonly noise: ReadonlyArray<{ readonly name: string; readonly source: Node<"noise"> }>
  /** Names of placeholders, by path. */
  readonly state: Readonly<Record<string, string>>
  /** Names of placeholders, by input. */
  readonly inputs: Readonly<Record<string, string>>
  /** Where shards find inputs in the memory that they share; none in a program of one. */
  readonly given: Readonly<Record<string, GivenPlan>>
}

/** The places of an input, one for each shard: of its own examples, or the same for all. */
export interface GivenPlan {
  readonly shape: Shape
  readonly places: ReadonlyArray<string>
}

/** What a program, or a shard's part of it, is started with. */
export interface RunnerSetup {
  readonly sessionOptions: InferenceSession.SessionOptions
  readonly plan: ShardPlan
  /** The first state, in float32. */
  readonly first: NamedTensors
  /** Whether the engine writes results into memory that it is given for them. */
  readonly resultsInPlace: boolean
  /** What files begin with in which the engine is to write how long its operators take, one a stage; left out, it does not measure. */
  readonly profileTo?: string
}

/** What a worker thread is started with. */
export interface ShardSetup extends RunnerSetup {
  readonly shard: Shard
  /** In which the shards meet, publish, and have one state for all. */
  readonly memory: KernelMemory
}

/** Lowers a program: one ONNX model for each stage between exchanges, and a kernel for each update. */
export const planShards = (
  program: Program,
  { operatorSet, convolutions }: Pick<OnnxProvider, "operatorSet" | "convolutions">
): ShardPlan => {
  const shards = program.shards === undefined ? [] : shardsOf(program.shards)
  const given = new Map<string, Form>()
  const cut = stagesOf(program, updatesOf(program))
  const updated = new Set(cut.flatMap((stage) => stage.updates.flatMap(readBy)))
  const lowered = cut.map((stage, i) =>
    planStage({ ...program, name: `${program.name}, stage ${i + 1}` }, stage, {
      operatorSet,
      convolutions,
      given,
      updated,
      shards: shards.length
    })
  )
  const read = new Set(lowered.flatMap(({ plan }) => [...plan.inputs, ...knownIn(plan)]))
  const means = new Map(
    lowered
      .flatMap(({ plan }) => plan.means)
      .filter((mean) => mean.published.length > 0 && !isSingle(mean))
      .map((mean) => [mean.name, meanOf(mean)] as const)
  )
  // What nothing but updates reads they make on the way, and it never goes through memory.
  const onTheWay = (node: Tensor): Tensor | undefined =>
    node.op === "placeholder" && !read.has(node.parameters.name) ? means.get(node.parameters.name) : undefined
  const planned = ({ results, next }: StageUpdate): UpdatePlan => {
    const roots = Object.values(results)
    const made = replaced(roots, inputsFirst(roots), onTheWay)
    const named = Object.fromEntries(
      Object.keys(results).flatMap((name, i) => made.slice(i, i + 1).map((root) => [name, root]))
    )
    return planUpdate({ results: named, next }, shards.length === 0 ? "own" : "shared")
  }
  const stages = lowered.map(({ plan, updates }): StagePlan => {
    const wanted = plan.means.flatMap(({ name }): ReadonlyArray<StageUpdate> => {
      const mean = read.has(name) ? means.get(name) : undefined
      return mean === undefined ? [] : [{ results: { [name]: mean }, next: {} }]
    })
    return { ...plan, updates: [...wanted, ...updates].map(planned) }
  })
  const state = mapRecord(program.state, nameOf)
  const last = new Set(lastUpdatesOf(stages, state))
  return {
    stages: stages.map((stage) => ({ ...stage, updates: stage.updates.filter((update) => !last.has(update)) })),
    lastUpdates: [...last],
    shards,
    noise: noiseSources(program).map((source) => ({ name: inputName(source), source })),
    state,
    inputs: mapRecord(program.inputs, nameOf),
    given: program.shards === undefined ? {} : givenOf(program, program.shards)
  }
}

const givenOf = ({ inputs }: Program, sharding: Sharding): ShardPlan["given"] =>
  mapRecord(inputs, (tensor, input) => ({
    shape: tensor.shape,
    places: shardsOf(sharding).map(({ index }) =>
      // No placeholder has such a name.
      sharding.inputs.includes(input) ? JSON.stringify([input, index]) : nameOf(tensor)
    )
  }))

/** What has a place in the memory of a plan's updates. */
export const updatesToPlace = ({ stages, lastUpdates, state, given }: ShardPlan): UpdatesToPlace => ({
  beside: stages.flatMap(({ updates }) => updates),
  inPlace: lastUpdates,
  state,
  others: [
    ...stages.flatMap(({ means }) => means.map(({ published, shape }) => ({ places: published, shape }))),
    ...Object.values(given)
  ].flatMap(({ places, shape }) => places.map((name) => ({ name, shape })))
})

/** Updates whose results nothing else reads in a step, and the state in whose place they come nothing after it. */
const lastUpdatesOf = (
  stages: ReadonlyArray<StagePlan>,
  state: Readonly<Record<string, string>>
): ReadonlyArray<UpdatePlan> => {
  const updates = stages.flatMap((stage) => stage.updates)
  const given = new Set(stages.flatMap(({ inputs }) => inputs))
  const known = new Set(stages.flatMap(knownIn))
  const isRead = (name: string, by: UpdatePlan): boolean =>
    known.has(name) || updates.some((other) => other !== by && [...other.tensors, ...other.singles].includes(name))
  return updates.filter(
    (update) =>
      !update.results.some((name) => given.has(name) || isRead(name, update)) &&
      !Object.keys(update.next).some((path) => isRead(own(state, path) ?? "", update))
  )
}

/** Names of values that are next state or outputs as they are. */
const knownIn = ({ known }: Pick<StagePlan, "known">): ReadonlyArray<string> =>
  [known.next, known.outputs].flatMap(Object.values<string>)

const kinds = ["means", "kept", "next", "outputs"] as const

/** Names of what an update is made of. */
const readBy = ({ results }: StageUpdate): ReadonlyArray<string> =>
  inputsFirst(Object.values(results)).flatMap((node) => (node.op === "placeholder" ? [node.parameters.name] : []))

/** What a stage keeps, by the name of its output. */
const keptName = (output: string): string | undefined =>
  output.startsWith("kept ") ? output.slice("kept ".length) : undefined

const planStage = (
  { name, forAnyBatch }: Program,
  stage: Stage,
  {
    operatorSet,
    convolutions,
    given,
    updated,
    shards
  }: Pick<OnnxProvider, "operatorSet" | "convolutions"> & {
    /** The forms of what earlier stages have kept, by name, to which it adds those of what it keeps itself. */
    readonly given: Map<string, Form>
    /** Names of what updates read, number by number: in the order of its axes. */
    readonly updated: ReadonlySet<string>
    readonly shards: number
  }
): { readonly plan: Omit<StagePlan, "updates">; readonly updates: Stage["updates"] } => {
  const computed = (kind: (typeof kinds)[number]): NamedExpressions =>
    kind === "next" || kind === "outputs" ? withoutValues(stage[kind]) : stage[kind]
  const outputs: NamedExpressions = Object.fromEntries(
    kinds.flatMap((kind) => Object.entries(computed(kind)).map(([key, tensor]) => [`${kind} ${key}`, tensor]))
  )
  const part = { name, state: {}, inputs: {}, next: {}, outputs }
  const lowered = lowerProgram(forAnyBatch === true ? { ...part, forAnyBatch } : part, {
    convolutions,
    given,
    isFree: (output) => keptName(output) !== undefined && !updated.has(keptName(output) ?? output)
  })
  for (const [output, form] of lowered.forms) given.set(keptName(output) ?? "", form)
  const results = (kind: (typeof kinds)[number]): StageResults =>
    mapRecord(computed(kind), (_, key) => lowered.outputs[`${kind} ${key}`] ?? "")
  const plan = {
    ...(Object.keys(outputs).length === 0 ? {} : { model: encodeOnnxModel(lowered.graph, operatorSet) }),
    inputs: lowered.graph.inputs.map((input) => input.name),
    means: Object.entries(stage.means).map(([key, { shape }]) => ({
      name: key,
      result: lowered.outputs[`means ${key}`] ?? "",
      shape,
      published: Array.from({ length: shards }, (_, shard) => `${key} of shard ${shard + 1}`)
    })),
    kept: results("kept"),
    next: results("next"),
    outputs: results("outputs"),
    known: { next: valuesIn(stage.next), outputs: valuesIn(stage.outputs) }
  }
  return { plan, updates: stage.updates }
}

/** The mean of what all shards have published: their sum, in order, times 1 / K. */
const meanOf = ({ published, shape }: MeanPlan): Tensor =>
  multiply(addAll(published.map((name) => placeholder(name, shape))), 1 / published.length)

const isValue = (tensor: Tensor): boolean => tensor.op === "placeholder"

const withoutValues = (expressions: NamedExpressions): NamedExpressions =>
  Object.fromEntries(Object.entries(expressions).filter(([, tensor]) => !isValue(tensor)))

const valuesIn = (expressions: NamedExpressions): StageResults =>
  mapRecord(Object.fromEntries(Object.entries(expressions).filter(([, tensor]) => isValue(tensor))), nameOf)

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? inputName(tensor) : "")
