import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { noiseNumbers } from "../../domain/random/noiseSource.ts"
import { own } from "../../domain/record/own.ts"
import { atBatch, batchOfInputs, shapeAt } from "../../domain/tensor/anyBatch.ts"
import { inputsFirst } from "../../domain/tensor/order.ts"
import type { NamedExpressions, Program } from "../../domain/tensor/Program.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import { type Shard, wholeShape } from "../../domain/tensor/Sharding.ts"
import type { Node, Tensor } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../domain/tensor/Tree.ts"
import { BackendError, type Executable, type StepCall } from "./TensorBackend.ts"

/** What every backend checks where numbers come in: each expected tensor is there and has the declared shape. */
export const requireTensors = (
  context: { readonly backend: string; readonly program: string; readonly during: "compile" | "run" },
  kind: "state" | "input",
  expected: Readonly<Record<string, { readonly shape: Shape }>>,
  given: NamedTensors
): Effect.Effect<void, BackendError> => {
  for (const [name, { shape }] of Object.entries(expected)) {
    const tensor = own(given, name)
    const found = tensor === undefined ? "nothing" : `${formatShape(tensor.shape)} with ${tensor.values.length} numbers`
    if (tensor === undefined || !sameShape(tensor.shape, shape) || tensor.values.length !== sizeOf(shape)) {
      const problem = `expected the ${kind} "${name}" of shape ${formatShape(shape)}, but was given ${found}`
      return Effect.fail(new BackendError({ ...context, problem }))
    }
  }
  return Effect.void
}

/**
 * What a backend that runs every program as one checks before a step: what all check (`requireShardedCall`), and that the
 * program is not made for several shards.
 */
export const requireCall = (
  context: { readonly backend: string; readonly program: string },
  program: Program,
  call: StepCall
): Effect.Effect<void, BackendError> => {
  if (program.shards === undefined) return requireShardedCall(context, program, call)
  const problem = `it is made for ${program.shards.count} shards, which this backend cannot run: make it for one`
  return Effect.fail(new BackendError({ ...context, during: "run", problem }))
}

/** What every backend checks before a step: the inputs, those of all shards together, and that seed and step can be a noise key. */
export const requireShardedCall = (
  context: { readonly backend: string; readonly program: string },
  program: Program,
  { inputs, noise }: StepCall
): Effect.Effect<void, BackendError> => {
  for (const [name, value] of Object.entries(noise)) {
    if (!Number.isSafeInteger(value) || value < 0) {
      const problem = `noise.${name} must be a non-negative safe integer, not ${value}`
      return Effect.fail(new BackendError({ ...context, during: "run", problem }))
    }
  }
  const batch = program.forAnyBatch === true ? batchOfInputs(program, inputs) : undefined
  const batches = Object.keys(program.inputs).map((name) => `"${name}" ${formatShape(own(inputs, name)?.shape ?? [])}`)
  if (program.forAnyBatch === true && batch === undefined) {
    const problem = `expected inputs with one batch in common, but was given ${batches.join(", ")}`
    return Effect.fail(new BackendError({ ...context, during: "run", problem }))
  }
  const shapeOf = (tensor: Tensor, name: string): Shape =>
    batch === undefined ? wholeShape(program.shards, name, tensor) : shapeAt(tensor.shape, batch)
  const expected = mapRecord(program.inputs, (tensor, name) => ({ shape: shapeOf(tensor, name) }))
  return requireTensors({ ...context, during: "run" }, "input", expected, inputs)
}

/**
 * The executable with the two promises that are kept in the same way everywhere: steps asked for at the same time are
 * done one after the other, and whatever is asked for after the scope is closed fails.
 */
export const serialised = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  context: { readonly backend: string; readonly program: string },
  executable: Executable<Input, Output>
): Effect.fn.Return<Executable<Input, Output>, never, Scope.Scope> {
  const turn = Semaphore.makeUnsafe(1)
  let closed = false
  // Closing waits for the step in hand.
  yield* Effect.addFinalizer(() =>
    turn.withPermits(1)(
      Effect.sync(() => {
        closed = true
      })
    )
  )
  const whileOpen = <A>(during: "run" | "read", effect: () => Effect.Effect<A, BackendError>) =>
    Effect.suspend(() =>
      closed
        ? Effect.fail(new BackendError({ ...context, during, problem: "the scope it was compiled in is closed" }))
        : effect()
    )
  return {
    step: (call) => turn.withPermits(1)(whileOpen("run", () => executable.step(call))),
    readOutputs: whileOpen("read", () => executable.readOutputs),
    readState: whileOpen("read", () => executable.readState)
  }
})

/**
 * A program compiled by an engine that compiles for one batch at a time: of a program for any batch, for those that come, when they
 * come. `compile` is called with programs of one batch.
 */
export const forEachBatch = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  context: { readonly backend: string; readonly program: string },
  program: Program<Input, Output>,
  compile: (program: Program<Input, Output>) => Effect.Effect<Executable<Input, Output>, BackendError, Scope.Scope>
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  if (program.forAnyBatch === undefined) return yield* compile(program)
  const scope = yield* Effect.scope
  // The executable owns these two cells.
  const compiled = new Map<number, Executable<Input, Output>>()
  let latest = yield* compile(atBatch(program, 1))
  compiled.set(1, latest)
  return {
    step: Effect.fnUntraced(function* (call: StepCall<Input>) {
      yield* requireShardedCall(context, program, call)
      const batch = batchOfInputs(program, call.inputs) ?? 1
      const executable = compiled.get(batch) ?? (yield* Scope.provide(compile(atBatch(program, batch)), scope))
      compiled.set(batch, executable)
      yield* executable.step(call)
      latest = executable
    }),
    readOutputs: Effect.suspend(() => latest.readOutputs),
    readState: Effect.suspend(() => latest.readState)
  }
})

/** Everything a program computes: its next state, where that changes, and its outputs, of whatever shapes. */
export const programRoots = (program: Program): ReadonlyArray<Tensor> => [
  ...Object.values(program.next),
  ...Object.values(program.outputs)
]

/** The noise sources of a program, one for each stream. */
export const noiseSources = (program: Program): ReadonlyArray<Node<"noise">> =>
  inputsFirst(programRoots(program)).filter((node) => node.op === "noise")

/** The random numbers of a step, by stream; of a shard, its part of them. */
export const drawNoise = (
  sources: ReadonlyArray<Node<"noise">>,
  key: { readonly seed: number; readonly step: number },
  shard?: Shard
): Readonly<Record<string, Float32Array>> =>
  Object.fromEntries(sources.map((source) => [source.parameters.stream, noiseNumbers(source, key, shard)]))

/** The numbers of a program's placeholders by their names, from its state by path and its inputs by name. */
export const placeholderNumbers = (
  program: Program,
  state: NamedTensors,
  inputs: NamedTensors
): Readonly<Record<string, Float32Array | Float64Array>> => {
  const named = (expressions: NamedExpressions, given: NamedTensors) =>
    Object.entries(expressions).flatMap(([path, tensor]) => {
      const data = own(given, path)
      return tensor.op === "placeholder" && data !== undefined ? [[tensor.parameters.name, data.values] as const] : []
    })
  return Object.fromEntries([...named(program.state, state), ...named(program.inputs, inputs)])
}

/** The failure of reading outputs before the first step. */
export const nothingRun = (backend: string, program: string): BackendError =>
  new BackendError({ backend, program, during: "read", problem: "no step has been done yet" })
