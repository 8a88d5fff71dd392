import type { InferenceSession } from "onnxruntime-node"
import type { NamedExpressions, Program } from "../../../domain/tensor/Program.ts"
import { type Shape, sizeOf } from "../../../domain/tensor/Shape.ts"
import { type Shard, type Sharding, shardsOf } from "../../../domain/tensor/Sharding.ts"
import { type Stage, stagesOf } from "../../../domain/tensor/stages.ts"
import type { Node, Tensor } from "../../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { noiseSources } from "../border.ts"
import { inputName, lowerProgram } from "./lowering.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"

/** A stage's results by name, each with the graph output that holds it. */
export type StageResults = Readonly<Record<string, string>>

/** One stage of a shard as an ONNX model, and what its inputs and outputs are. Data only: it is sent to worker threads. */
export interface StagePlan {
  readonly model: Uint8Array
  /** The graph's inputs: placeholders by their names, noise by `inputName`. */
  readonly inputs: ReadonlyArray<string>
  readonly means: ReadonlyArray<{
    readonly name: string
    readonly result: string
    readonly shape: Shape
    /** Where it stands in a shard's slot of the exchange. */
    readonly offset: number
  }>
  readonly kept: StageResults
  readonly next: StageResults
  readonly outputs: StageResults
}

/** A program of several shards, ready to be run by as many threads. */
export interface ShardPlan {
  readonly stages: ReadonlyArray<StagePlan>
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

/** What a worker thread is started with. */
export interface ShardSetup {
  readonly sessionOptions: InferenceSession.SessionOptions
  readonly plan: ShardPlan
  readonly shard: Shard
  /** The first state, in float32. */
  readonly first: NamedTensors
  /** Of `exchangeMemory`. */
  readonly memory: SharedArrayBuffer
}

/** Lowers a program of several shards: one ONNX model for each stage between exchanges. */
export const planShards = (program: Program, sharding: Sharding, operatorSet: number): ShardPlan => {
  let numbers = 0
  const place = (size: number): number => {
    const offset = numbers
    numbers += size
    return offset
  }
  const stages = stagesOf(program).map((stage, i) =>
    planStage(`${program.name}, stage ${i + 1}`, stage, operatorSet, place)
  )
  return {
    stages,
    shards: shardsOf(sharding),
    numbers,
    noise: noiseSources(program).map((source) => ({ name: inputName(source), source })),
    state: mapRecord(program.state, nameOf),
    inputs: mapRecord(program.inputs, nameOf)
  }
}

const kinds = ["means", "kept", "next", "outputs"] as const

const planStage = (name: string, stage: Stage, operatorSet: number, place: (size: number) => number): StagePlan => {
  const outputs: NamedExpressions = Object.fromEntries(
    kinds.flatMap((kind) => Object.entries(stage[kind]).map(([key, tensor]) => [`${kind} ${key}`, tensor]))
  )
  const lowered = lowerProgram({ name, state: {}, inputs: {}, next: {}, outputs })
  const results = (kind: (typeof kinds)[number]): StageResults =>
    mapRecord(stage[kind], (_, key) => lowered.outputs[`${kind} ${key}`] ?? "")
  return {
    model: encodeOnnxModel(lowered.graph, operatorSet),
    inputs: lowered.graph.inputs.map((input) => input.name),
    means: Object.entries(stage.means).map(([key, { shape }]) => ({
      name: key,
      result: lowered.outputs[`means ${key}`] ?? "",
      shape,
      offset: place(sizeOf(shape))
    })),
    kept: results("kept"),
    next: results("next"),
    outputs: results("outputs")
  }
}

const nameOf = (tensor: Tensor): string => (tensor.op === "placeholder" ? tensor.parameters.name : "")
