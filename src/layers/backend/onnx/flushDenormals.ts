import "../../machine/withoutTelemetry.ts"
import * as Effect from "effect/Effect"
import * as ort from "onnxruntime-node"
import { BackendError } from "../TensorBackend.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"

/**
 * Makes denormal floats (smaller than about 1.2e-38) count as zero on this thread and on worker threads started
 * afterwards. A processor takes a hundred times as long over each, and narrow filters and faint gradients can be full of
 * them.
 *
 * ONNX Runtime does it with a session option that only the first session of a process can set, so this makes a session
 * of one node for nothing else. Where another library was first, the option has no effect.
 */
export const flushDenormals: Effect.Effect<void, BackendError> = Effect.tryPromise({
  try: async () => {
    const session = await ort.InferenceSession.create(identityModel(), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      extra: { session: { set_denormal_as_zero: "1" } }
    })
    await session.release()
  },
  catch: (cause) =>
    new BackendError({
      backend: "onnxruntime-cpu",
      program: "denormals as zero",
      during: "start",
      problem: cause instanceof Error ? cause.message : String(cause),
      cause
    })
})

const identityModel = (): Uint8Array =>
  encodeOnnxModel({
    name: "identity",
    nodes: [{ name: "identity", opType: "Identity", domain: "", input: ["x"], output: ["y"], attributes: {} }],
    constants: [],
    inputs: [{ name: "x", shape: [1] }],
    outputs: [{ name: "y", shape: [1] }]
  })
