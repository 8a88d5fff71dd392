import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { own } from "../../domain/record/own.ts"
import { evaluate } from "../../domain/tensor/evaluate/evaluate.ts"
import type { NamedExpressions, Program } from "../../domain/tensor/Program.ts"
import { rowsOf, type Shard, shardsOf } from "../../domain/tensor/Sharding.ts"
import { type Stage, stagesOf } from "../../domain/tensor/stages.ts"
import type { NamedTensors, TensorData } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { referenceProfile } from "./referenceProfile.ts"
import { requireMemory } from "./requireMemory.ts"
import { type Executable, type StepCall, TensorBackend } from "./TensorBackend.ts"
import {
  drawNoise,
  forEachBatch,
  noiseSources,
  nothingRun,
  placeholderNumbers,
  requireShardedCall,
  requireTensors,
  serialised
} from "./validation.ts"

const backend = "reference"

/**
 * The backend that defines what programs mean: plain TypeScript in float64, nothing to install. Slow (some hundred times
 * slower than `OnnxRuntime`): for tests, finite differences, and checking engines. Shards are computed in turns.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Backends, TensorBackend } from "fovea"
 *
 * const name = Effect.map(TensorBackend, ({ name }) => name)
 * console.log(await Effect.runPromise(Effect.provide(name, Backends.reference))) // reference
 * ```
 */
export const layerReference: Layer.Layer<TensorBackend> = Layer.succeed(
  TensorBackend,
  TensorBackend.of({
    name: backend,
    compile: Effect.fnUntraced(function* (program, state) {
      const context = { backend, program: program.name }
      yield* requireTensors({ ...context, during: "compile" }, "state", program.state, state)
      yield* requireMemory(context, program)
      const at = (fixed: typeof program) => Effect.sync(() => makeExecutable(fixed, state))
      return yield* serialised(context, yield* forEachBatch(context, program, at))
    }),
    profile: (program, state, calls) => Effect.sync(() => referenceProfile(program, state, calls))
  })
)

const makeExecutable = <Input extends string, Output extends string>(
  program: Program<Input, Output>,
  initial: NamedTensors
): Executable<Input, Output> => {
  const stages = stagesOf(program)
  const sources = noiseSources(program)
  const shards: ReadonlyArray<Shard | undefined> = program.shards === undefined ? [undefined] : shardsOf(program.shards)
  // The executable owns these two cells; everything else is a value.
  let state: NamedTensors = mapRecord(program.state, (_, path) => toFloat64(own(initial, path)))
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  /** What the placeholders and noise sources of one shard are at the beginning of a step. */
  const supplyOf = (call: StepCall<Input>, shard: Shard | undefined): Supply => {
    const inputs = mapRecord(call.inputs, (data: TensorData, name) =>
      shard !== undefined && program.shards?.inputs.includes(name) === true ? rowsOf(shard, data) : data
    )
    const numbers = placeholderNumbers(program, state, inputs)
    const placeholders = new Map(Object.entries(numbers).map(([name, values]) => [name, Float64Array.from(values)]))
    const noise = mapRecord(drawNoise(sources, call.noise, shard), (values) => Float64Array.from(values))
    return { placeholders, noise }
  }

  const advance = (call: StepCall<Input>): void => {
    const supplies = shards.map((shard) => supplyOf(call, shard))
    const made = stages.map((stage) => {
      const results = supplies.map((supply) => evaluateStage(stage, supply))
      for (const name of Object.keys(stage.means)) {
        const mean = meanOf(results.map(({ means }) => valuesAt(means, name)))
        for (const { placeholders } of supplies) placeholders.set(name, mean)
      }
      supplies.forEach(({ placeholders }, shard) => {
        for (const [name, { values }] of Object.entries(results[shard]?.kept ?? {})) {
          placeholders.set(name, Float64Array.from(values))
        }
      })
      // What all shards have alike, the first has as well.
      return results[0]
    })
    // `Object.assign` would lose what is called `__proto__`.
    const joined = (kind: "next" | "outputs"): NamedTensors =>
      Object.fromEntries(made.flatMap((results) => Object.entries(results?.[kind] ?? {})))
    state = { ...state, ...joined("next") }
    const all = joined("outputs")
    outputs = mapRecord(program.outputs, (_, name) => toFloat64(own(all, name)))
  }

  return {
    step: (call) =>
      Effect.map(requireShardedCall({ backend, program: program.name }, program, call), () => advance(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined
        ? Effect.fail(nothingRun(backend, program.name))
        : Effect.succeed(mapRecord(outputs, toFloat64))
    ),
    readState: Effect.sync(() => mapRecord(state, toFloat64))
  }
}

interface Supply {
  /** By name. Stages add what they make. */
  readonly placeholders: Map<string, Float64Array>
  /** By stream. */
  readonly noise: Readonly<Record<string, Float64Array>>
}

type StageResults = Readonly<Record<"means" | "kept" | "next" | "outputs", NamedTensors>>

const evaluateStage = (stage: Stage, { placeholders, noise }: Supply): StageResults => {
  const { means, kept, next, outputs } = stage
  const roots = [means, kept, next, outputs].flatMap((expressions) => Object.values(expressions))
  const values = evaluate(
    roots,
    (source) =>
      (source.op === "noise" ? noise[source.parameters.stream] : placeholders.get(source.parameters.name)) ??
      new Float64Array(0)
  )
  const numbersOf = new Map(roots.map((root, i) => [root, values[i]]))
  const computed = (expressions: NamedExpressions): NamedTensors =>
    mapRecord(expressions, (tensor) => ({
      shape: tensor.shape,
      values: Float64Array.from(numbersOf.get(tensor) ?? [])
    }))
  return { means: computed(means), kept: computed(kept), next: computed(next), outputs: computed(outputs) }
}

const valuesAt = (tensors: NamedTensors, name: string): TensorData["values"] =>
  own(tensors, name)?.values ?? new Float64Array(0)

/** The mean, number by number, summed in the order given. */
const meanOf = (shards: ReadonlyArray<TensorData["values"]>): Float64Array =>
  Float64Array.from(
    shards[0] ?? [],
    (_, i) => shards.reduce((sum, values) => sum + (values[i] ?? Number.NaN), 0) / shards.length
  )

const toFloat64 = (data: TensorData | undefined): TensorData => ({
  shape: data?.shape ?? [],
  values: Float64Array.from(data?.values ?? [])
})
