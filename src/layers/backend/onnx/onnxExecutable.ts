import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import type { BackendError, Executable, StepCall } from "../TensorBackend.ts"
import { forEachBatch, nothingRun, requireCall } from "../validation.ts"
import { lowerProgram } from "./lowering.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { engineError, toFloat32 } from "./ortTensors.ts"
import { makeResidentExecutable } from "./residentExecutable.ts"
import { openRunner } from "./ShardRunner.ts"
import { planShards } from "./shardPlan.ts"

/** A program on the calling thread: its state with the engine where that can keep it, or in main memory. */
export const openOnnxExecutable = <Input extends string, Output extends string>(
  provider: OnnxProvider,
  program: Program<Input, Output>,
  initial: NamedTensors
): Effect.Effect<Executable<Input, Output>, BackendError, Scope.Scope> => {
  if (!provider.stateOnDevice) return openExecutable(provider, program, initial)
  const at = (fixed: Program<Input, Output>) =>
    Effect.suspend(() => makeResidentExecutable(provider, fixed, lowerProgram(fixed), initial))
  return forEachBatch({ backend: provider.backend, program: program.name }, program, at)
}

/** Runs a program of one shard on the calling thread. */
const openExecutable = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  { library, backend, sessionOptions, operatorSet, convolutions, resultsInPlace }: OnnxProvider,
  program: Program<Input, Output>,
  initial: NamedTensors
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  const { name } = program
  const first = mapRecord(program.state, (_, path) => toFloat32(own(initial, path)))
  const runner = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () =>
        openRunner(library, {
          sessionOptions,
          resultsInPlace,
          plan: planShards(withoutShards(program), { operatorSet, convolutions }),
          first
        }),
      catch: (cause) => engineError(backend, name, "compile", cause)
    }),
    ({ close }) => Effect.promise(close)
  )
  // A failed step leaves it as it was.
  let outputs: Readonly<Record<Output, TensorData>> | undefined

  const step = Effect.fnUntraced(function* (call: StepCall<Input>) {
    yield* requireCall({ backend, program: name }, program, call)
    const made = yield* Effect.tryPromise({
      try: () => runner.step(call.inputs, call.noise),
      catch: (cause) => engineError(backend, name, "run", cause)
    })
    outputs = mapRecord(program.outputs, (_, output) => toFloat32(made?.[output]))
  })

  return {
    step: (call) => Effect.uninterruptible(step(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined ? Effect.fail(nothingRun(backend, name)) : Effect.succeed(mapRecord(outputs, toFloat32))
    ),
    readState: Effect.sync(runner.readState)
  }
})

/** The program as far as one thread is concerned: steps of one made for several shards are refused before they begin. */
export const withoutShards = ({ shards: _, ...program }: Program): Program => program
