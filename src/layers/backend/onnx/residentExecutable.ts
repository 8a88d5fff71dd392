import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as ort from "onnxruntime-node"
import { own } from "../../../domain/record/own.ts"
import type { Program } from "../../../domain/tensor/Program.ts"
import type { Tensor } from "../../../domain/tensor/Tensor.ts"
import type { NamedTensors, TensorData } from "../../../domain/tensor/TensorData.ts"
import { mapRecord } from "../../../domain/tensor/Tree.ts"
import type { BackendError, Executable, StepCall } from "../TensorBackend.ts"
import { drawNoise, noiseSources, nothingRun, requireCall } from "../validation.ts"
import { inputName } from "./inputName.ts"
import type { LoweredProgram } from "./lowering.ts"
import type { OnnxProvider } from "./OnnxProvider.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"
import { engineError, fromOrt, toFloat32, toOrt } from "./ortTensors.ts"

/**
 * An executable whose state stays in the device's memory: a step uploads inputs and noise, and downloads outputs. The
 * state is downloaded when it is read, by a graph of its own, since ONNX Runtime cannot read such tensors otherwise. Its
 * buffers are freed with the scope, and those of the state before when a step has succeeded.
 */
export const makeResidentExecutable = Effect.fnUntraced(function* <Input extends string, Output extends string>(
  { library, backend, sessionOptions, operatorSet }: OnnxProvider,
  program: Program<Input, Output>,
  lowered: LoweredProgram,
  initial: NamedTensors
): Effect.fn.Return<Executable<Input, Output>, BackendError, Scope.Scope> {
  const { name } = program
  const attempt = <A>(during: "compile" | "run" | "read", calls: () => Promise<A>): Effect.Effect<A, BackendError> =>
    Effect.tryPromise({ try: calls, catch: (cause) => engineError(backend, name, during, cause) })
  const open = (graph: LoweredProgram["graph"], onDevice: ReadonlyArray<string>) =>
    Effect.acquireRelease(
      attempt("compile", () =>
        library.InferenceSession.create(encodeOnnxModel(graph, operatorSet), {
          ...sessionOptions,
          preferredOutputLocation: Object.fromEntries(onDevice.map((output) => [output, "gpu-buffer" as const]))
        })
      ),
      (session) => Effect.promise(() => session.release())
    )

  const session = yield* open(lowered.graph, Object.values(lowered.next))
  const sources = noiseSources(program)
  const cells = stateCells(program)
  const copying = copyGraph(cells)
  const copiers =
    cells.length === 0
      ? undefined
      : {
          upload: yield* open(
            copying,
            cells.map(({ to }) => to)
          ),
          download: yield* open(copying, [])
        }
  // The executable owns these two. A failed run leaves them as they were.
  const held = new Map<string, ort.Tensor>()
  let outputs: Readonly<Record<Output, TensorData>> | undefined
  // A tensor must be freed before the session that made it: after it, ONNX Runtime crashes.
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const tensor of held.values()) tensor.dispose()
    })
  )
  if (copiers !== undefined) {
    const feeds = Object.fromEntries(
      cells.map(({ path, from, shape }) => [from, toOrt(library, shape, own(initial, path)?.values)])
    )
    const uploaded = yield* attempt("compile", () => copiers.upload.run(feeds))
    for (const { path, to } of cells) held.set(path, presentTensor(uploaded[to]))
  }

  const feedsOf = (call: StepCall<Input>): Record<string, ort.Tensor> => {
    const noise = drawNoise(sources, call.noise)
    // A placeholder may have any name, those that every object has included.
    const drawn = new Map(sources.map((source) => [inputName(source), noise[source.parameters.stream]]))
    const given: NamedTensors = call.inputs
    const own = new Map(
      Object.entries<Tensor>(program.inputs).map(([input, tensor]) => [
        tensor.op === "placeholder" ? inputName(tensor) : input,
        given[input]?.values
      ])
    )
    const resident = new Map(cells.map(({ path, value }) => [value, held.get(path)]))
    return Object.fromEntries(
      lowered.graph.inputs.map(({ name, shape }) => [
        name,
        resident.get(name) ?? toOrt(library, shape, drawn.get(name) ?? own.get(name))
      ])
    )
  }

  const step = Effect.fnUntraced(function* (call: StepCall<Input>) {
    yield* requireCall({ backend, program: name }, program, call)
    const results = yield* attempt("run", () => session.run(feedsOf(call)))
    for (const [path, output] of Object.entries(lowered.next)) {
      held.get(path)?.dispose()
      held.set(path, presentTensor(results[output]))
    }
    outputs = mapRecord(program.outputs, (_, output) => fromOrt(results[lowered.outputs[output] ?? ""]))
  })

  const readState = Effect.suspend(() => {
    if (copiers === undefined) return Effect.succeed({})
    const feeds = Object.fromEntries(cells.map(({ path, from }) => [from, presentTensor(held.get(path))]))
    return Effect.map(
      attempt("read", () => copiers.download.run(feeds)),
      (read): NamedTensors => Object.fromEntries(cells.map(({ path, to }) => [path, toFloat32(fromOrt(read[to]))]))
    )
  })

  return {
    step: (call) => Effect.uninterruptible(step(call)),
    readOutputs: Effect.suspend(() =>
      outputs === undefined ? Effect.fail(nothingRun(backend, name)) : Effect.succeed(mapRecord(outputs, toFloat32))
    ),
    readState
  }
})

/** A part of the state: its path, its name in the program's graph, and its names in the graph that copies it. */
interface StateCell {
  readonly path: string
  readonly value: string
  readonly shape: ReadonlyArray<number>
  readonly from: string
  readonly to: string
}

const stateCells = (program: Program): ReadonlyArray<StateCell> =>
  Object.entries(program.state).map(([path, tensor], i) => ({
    path,
    value: tensor.op === "placeholder" ? inputName(tensor) : path,
    shape: tensor.shape,
    from: `from_${i}`,
    to: `to_${i}`
  }))

/** A graph whose results are its inputs: for moving tensors to the device and back. */
const copyGraph = (cells: ReadonlyArray<StateCell>): LoweredProgram["graph"] => ({
  name: "copy",
  nodes: cells.map(({ from, to }) => ({
    name: to,
    opType: "Identity",
    domain: "",
    input: [from],
    output: [to],
    attributes: {}
  })),
  constants: [],
  inputs: cells.map(({ from, shape }) => ({ name: from, shape })),
  outputs: cells.map(({ to, shape }) => ({ name: to, shape }))
})

const presentTensor = (tensor: ort.Tensor | undefined): ort.Tensor => {
  if (tensor === undefined) throw new Error("internal: the engine gave no such tensor")
  return tensor
}
