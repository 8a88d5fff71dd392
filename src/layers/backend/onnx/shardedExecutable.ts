import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import { rowsOf, type Shard } from "../../../domain/tensor/Sharding.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import type { BackendError, Executable, StepCall } from "../TensorBackend.ts"
import { nothingRun, requireShardedCall } from "../validation.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { toFloat32 } from "./ortTensors.ts"
import { planShards } from "./shardPlan.ts"
import { startShardThreads } from "./shardThreads.ts"

/**
 * A program of several shards, one worker thread for each with sessions of its own and a replica of the state. The
 * threads meet in shared memory where the program takes means; the calling thread only hands over the inputs.
 */
export const openShardedExecutable = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  provider: OnnxProvider,
  program: Program<Input, Output>,
  initial: NamedTensors
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  const { backend } = provider
  const plan = planShards(program, provider)
  const first = mapRecord(program.state, (_, path) => toFloat32(own(initial, path)))
  const threads = yield* startShardThreads(provider, program.name, plan, first)
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const partOf = (inputs: NamedTensors, shard: Shard): NamedTensors =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, given]) => [
        name,
        program.shards?.inputs.includes(name) === true ? rowsOf(shard, given) : given
      ])
    )

  const step = Effect.fnUntraced(function* (call: StepCall<Input>) {
    yield* requireShardedCall({ backend, program: program.name }, program, call)
    const made = yield* threads.step(
      plan.shards.map((shard) => partOf(call.inputs, shard)),
      call.noise
    )
    outputs = mapRecord(program.outputs, (_, name) => toFloat32(own(made, name)))
  })

  return {
    step: (call) => Effect.uninterruptible(step(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined
        ? Effect.fail(nothingRun(backend, program.name))
        : Effect.succeed(mapRecord(outputs, toFloat32))
    ),
    readState: Effect.map(threads.readState, (state) =>
      mapRecord(program.state, (_, path) => toFloat32(own(state, path)))
    )
  }
})
