import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { Node } from "../../../domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import { BackendError, type Executable, type StepCall } from "../TensorBackend.ts"
import { drawNoise, noiseSources, nothingRun, requireCall } from "../validation.ts"
import type { Instruction, Plan } from "./Plan.ts"
import type { KernelInputs, TensorHandle, TfjsEngine } from "./TfjsEngine.ts"

/** A kernel call that failed, with the primitive it belongs to. */
class KernelError extends Error {
  readonly primitive: string
  constructor(primitive: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.primitive = primitive
  }
}

type Handles = Readonly<Record<string, TensorHandle>>

/**
 * A plan together with its state, which stays with the engine; closing the scope releases all that it holds there. A step
 * keeps what it made only when all of it is made.
 */
export const makeTfjsExecutable = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  context: { readonly backend: string; readonly program: string },
  engine: TfjsEngine,
  program: Program<Input, Output>,
  plan: Plan,
  initial: NamedTensors
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  const sources = noiseSources(program)
  // The executable owns these cells; everything else is a value.
  let state: Handles = {}
  let outputs: Handles | undefined
  let constants: ReadonlyArray<readonly [register: number, tensor: TensorHandle]> = []
  const releaseAll = (handles: Handles): void => Object.values(handles).forEach(engine.release)

  const attempt = <A>(during: "compile" | "run" | "read", calls: () => A): Effect.Effect<A, BackendError> =>
    Effect.try({ try: () => engine.run(calls), catch: (cause) => engineError(context, during, cause) })

  const calls = yield* attempt("compile", () => plan.instructions.map((instruction) => callOf(engine, instruction)))
  yield* Effect.acquireRelease(
    attempt("compile", () => {
      constants = plan.constants.map(({ register, data }) => [register, engine.upload(data)])
      state = mapRecord(program.state, (_, path) => engine.upload(tensorNamed(initial, path)))
    }),
    () =>
      Effect.sync(() =>
        engine.run(() => {
          releaseAll(state)
          releaseAll(outputs ?? {})
          for (const [, tensor] of constants) engine.release(tensor)
          state = {}
          outputs = {}
          constants = []
        })
      )
  )

  const advance = (call: StepCall<Input>): void => {
    const registers = new Array<TensorHandle | undefined>(plan.registers)
    const uploaded: Array<TensorHandle> = []
    const upload = (data: TensorData): TensorHandle => {
      const tensor = engine.upload(data)
      uploaded.push(tensor)
      return tensor
    }
    const placed = placeholders(program, state, call.inputs, upload)
    const noise = drawNoise(sources, call.noise)
    const supply = (source: Node<"placeholder"> | Node<"noise">): TensorHandle | undefined =>
      source.op === "placeholder"
        ? placed(source.parameters.name)
        : upload({ shape: source.shape, values: noise[source.parameters.stream] ?? new Float32Array(0) })
    let done = 0
    try {
      for (const [register, tensor] of constants) registers[register] = tensor
      for (const { register, source } of plan.sources) registers[register] = supply(source)
      for (const run of calls) {
        run(registers)
        done += 1
      }
    } catch (error) {
      const failed = plan.instructions.slice(0, done)
      const alive = new Set(failed.map(({ output }) => output))
      for (const { released } of failed) for (const register of released) alive.delete(register)
      for (const register of alive) release(engine, registers[register])
      throw error
    } finally {
      for (const tensor of uploaded) engine.release(tensor)
    }
    const kept = (register: number): TensorHandle => handleAt(registers, register)
    const next = mapRecord(plan.next, kept)
    for (const path of Object.keys(next)) release(engine, own(state, path))
    releaseAll(outputs ?? {})
    state = { ...state, ...next }
    outputs = mapRecord(plan.outputs, kept)
  }

  const readAll = <Name extends string>(
    handles: Handles,
    shapes: Readonly<Record<Name, { shape: TensorData["shape"] }>>
  ) =>
    attempt("read", () =>
      mapRecord(shapes, ({ shape }, name): TensorData => {
        const tensor = own(handles, name)
        if (tensor === undefined) throw new Error(`internal: "${name}" is not held`)
        return { shape, values: engine.read(tensor) }
      })
    )

  return {
    step: (call) =>
      Effect.andThen(
        requireCall(context, program, call),
        attempt("run", () => advance(call))
      ),
    readOutputs: Effect.suspend(() =>
      outputs === undefined
        ? Effect.fail(nothingRun(context.backend, context.program))
        : readAll(outputs, program.outputs)
    ),
    readState: Effect.suspend(() => readAll(state, program.state))
  }
})

/** The tensor of a placeholder by its name: the state's own, or an input, uploaded at its first use. */
const placeholders = (
  program: Program,
  state: Handles,
  inputs: NamedTensors,
  upload: (data: TensorData) => TensorHandle
): ((name: string) => TensorHandle | undefined) => {
  const places = new Map<string, () => TensorHandle | undefined>()
  for (const [path, tensor] of Object.entries(program.state)) {
    if (tensor.op === "placeholder") places.set(tensor.parameters.name, () => own(state, path))
  }
  for (const [name, tensor] of Object.entries(program.inputs)) {
    if (tensor.op === "placeholder") places.set(tensor.parameters.name, () => upload(tensorNamed(inputs, name)))
  }
  return (name) => places.get(name)?.()
}

const tensorNamed = (tensors: NamedTensors, name: string): TensorData => {
  const tensor = own(tensors, name)
  if (tensor === undefined) throw new Error(`internal: "${name}" is missing`)
  return tensor
}

const handleAt = (registers: ReadonlyArray<TensorHandle | undefined>, register: number): TensorHandle => {
  const tensor = registers[register]
  if (tensor === undefined) throw new Error(`internal: register ${register} is empty`)
  return tensor
}

const release = (engine: TfjsEngine, tensor: TensorHandle | undefined): void => {
  if (tensor !== undefined) engine.release(tensor)
}

/** An instruction as a function on the registers. */
const callOf = (
  engine: TfjsEngine,
  { kernel, inputs, attributes, output, released, primitive }: Instruction
): ((registers: Array<TensorHandle | undefined>) => void) => {
  const run = engine.kernel(kernel)
  const names = isList(inputs) ? undefined : Object.keys(inputs)
  const places = Object.values(inputs)
  return (registers) => {
    try {
      const tensors = places.map((place) => handleAt(registers, place))
      registers[output] = run(names === undefined ? tensors : named(names, tensors), attributes)
    } catch (cause) {
      throw new KernelError(primitive, cause)
    }
    for (const register of released) {
      engine.release(handleAt(registers, register))
      registers[register] = undefined
    }
  }
}

const named = (names: ReadonlyArray<string>, tensors: ReadonlyArray<TensorHandle>): KernelInputs => {
  const inputs: Record<string, TensorHandle> = {}
  tensors.forEach((tensor, i) => {
    inputs[names[i] ?? ""] = tensor
  })
  return inputs
}

const isList = (inputs: Instruction["inputs"]): inputs is ReadonlyArray<number> => Array.isArray(inputs)

const engineError = (
  context: { readonly backend: string; readonly program: string },
  during: "compile" | "run" | "read",
  cause: unknown
): BackendError =>
  new BackendError({
    ...context,
    during,
    problem: cause instanceof Error ? cause.message : String(cause),
    cause: cause instanceof KernelError ? cause.cause : cause,
    ...(cause instanceof KernelError ? { primitive: cause.primitive } : {})
  })
