import * as Effect from "effect/Effect"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { lowerProgram } from "../../../src/layers/backend/tfjs/lowering.ts"
import type { TensorHandle, TfjsEngine } from "../../../src/layers/backend/tfjs/TfjsEngine.ts"
import { makeTfjsExecutable } from "../../../src/layers/backend/tfjs/tfjsExecutable.ts"
import { paperTraining } from "../paperTraining.ts"

const updates = 3

/**
 * Bytes of the results of an update of the paper's model: the most at a time by the plan, and by counting what the kernels
 * gave and what was released; beside the bytes of the state, and of tfjs's whole memory in the wasm module.
 */
export const plannedMemory = (engine: TfjsEngine) =>
  Effect.gen(function* () {
    const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
    const program = makeProgram()
    const wasm = engine.backendName === "wasm"
    const plan = lowerProgram(program, engine)
    const counter = countingEngine(engine)
    const context = { backend: engine.backendName, program: program.name }
    const executable = yield* makeTfjsExecutable(context, counter.engine, program, plan, initialState)
    for (let update = 0; update < updates; update++) {
      counter.begin()
      yield* executable.step({ inputs: { images: imagesOf(update) }, noise: { seed, step: update } })
    }
    const stateBytes = Object.values(initialState).reduce((total, { values }) => total + 4 * values.length, 0)
    return {
      planBytes: plan.peakBytes,
      countedBytes: counter.most(),
      stateBytes,
      ...(wasm ? { moduleBytes: moduleBytes(engine) } : {})
    }
  }).pipe(Effect.scoped, Effect.runPromise)

/** An engine that counts the bytes of what its kernels gave since `begin` and nobody has released. */
const countingEngine = (engine: TfjsEngine) => {
  const owners = new Map<object, { bytes: number; views: number }>()
  // What steps are given, by us or by the step before: a view of it is no result.
  const given = new WeakSet<object>()
  let now = 0
  let most = 0
  const gained = ({ dataId, shape, dtype }: TensorHandle): void => {
    const known = owners.get(dataId)
    if (known !== undefined) known.views += 1
    if (known !== undefined || given.has(dataId)) return
    const bytes = sizeOf(shape) * (dtype === "bool" ? 1 : 4)
    owners.set(dataId, { bytes, views: 1 })
    now += bytes
    most = Math.max(most, now)
  }
  const lost = ({ dataId }: TensorHandle): void => {
    const known = owners.get(dataId)
    if (known === undefined) return
    known.views -= 1
    if (known.views > 0) return
    owners.delete(dataId)
    now -= known.bytes
  }
  const counting: TfjsEngine = {
    ...engine,
    upload: (data) => {
      const tensor = engine.upload(data)
      given.add(tensor.dataId)
      return tensor
    },
    kernel: (name) => {
      const kernel = engine.kernel(name)
      return (inputs, attributes) => {
        const result = kernel(inputs, attributes)
        gained(result)
        return result
      }
    },
    release: (tensor) => {
      lost(tensor)
      engine.release(tensor)
    }
  }
  const begin = (): void => {
    for (const dataId of owners.keys()) given.add(dataId)
    owners.clear()
    now = 0
  }
  return { engine: counting, begin, most: () => most }
}

/** The wasm backend keeps its module under `wasm`, with the memory as bytes. */
const moduleBytes = ({ backend }: TfjsEngine): number => {
  const { wasm } = backend as unknown as { readonly wasm: { readonly HEAPU8: Uint8Array } }
  return wasm.HEAPU8.byteLength
}
