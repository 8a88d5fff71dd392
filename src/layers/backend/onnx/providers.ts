import "../../machine/withoutTelemetry.ts"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as ort from "onnxruntime-node"
import type { Program } from "../../../domain/tensor/Program.ts"
import { quotedText } from "../../../domain/text/terminalText.ts"
import { BackendError } from "../TensorBackend.ts"
import { flushDenormals } from "./flushDenormals.ts"
import { forWebGpu } from "./forWebGpu.ts"
import { encodeOnnxModel } from "./onnxMessages.ts"

/** The devices that ONNX Runtime runs programs on here. */
export const onnxProviderNames = ["cpu", "cuda", "webgpu"] as const

/** A device of ONNX Runtime by its name. */
export type OnnxProviderName = (typeof onnxProviderNames)[number]

/** A way for ONNX Runtime to run graphs, which has been tried on a graph of one operator. */
export interface OnnxProvider {
  readonly name: OnnxProviderName
  /** What a backend of it is called: `onnxruntime-cpu`, `onnxruntime-cuda`, `onnxruntime-webgpu`. */
  readonly backend: string
  readonly sessionOptions: ort.InferenceSession.SessionOptions
  /** The version of the standard's operators that graphs are written in. */
  readonly operatorSet: number
  /** Whether results can stay on the device and be given to the next step. */
  readonly stateOnDevice: boolean
  /** The same program, of operators that it has sound kernels for. */
  readonly prepared: <Input extends string, Output extends string>(
    program: Program<Input, Output>
  ) => Program<Input, Output>
}

/**
 * The command that gets the provider for NVIDIA's hardware: ONNX Runtime's own installer, which is run by hand so that
 * nobody downloads hundreds of megabytes by installing Fovea.
 */
export const installCuda = "node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install"

/** What each provider needs beside the package. */
export const providerNeeds: { readonly [K in OnnxProviderName]: string } = {
  cpu: "nothing else: it comes with Fovea",
  cuda: `Linux x64, an NVIDIA GPU and driver, CUDA 12 and cuDNN 9, and ONNX Runtime's CUDA library: "${installCuda}"`,
  webgpu:
    "a GPU with Vulkan (Linux x64), Metal or Direct3D 12; on Debian and Ubuntu Vulkan comes by " +
    `"apt-get install libvulkan1 mesa-vulkan-drivers" (Mesa 22.3 is too old) or with the GPU's own driver`
}

const oneThread: ort.InferenceSession.SessionOptions = {
  graphOptimizationLevel: "all",
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: "sequential",
  logSeverityLevel: 3
}

/** An operator without a kernel on the device is an error, and not left to the CPU without a word. */
const onlyThere = { session: { disable_cpu_ep_fallback: "1" } }

const same = <P>(program: P): P => program

const providers: { readonly [K in OnnxProviderName]: Omit<OnnxProvider, "name" | "backend"> } = {
  cpu: {
    sessionOptions: { ...oneThread, executionProviders: ["cpu"] },
    operatorSet: 21,
    stateOnDevice: false,
    prepared: same
  },
  cuda: {
    sessionOptions: { ...oneThread, executionProviders: ["cuda"], extra: onlyThere },
    // ONNX Runtime's list of kernels has none of `Pad` and `ReduceMax` as later sets define them.
    operatorSet: 18,
    // The binding can leave results on the device for WebGPU only.
    stateOnDevice: false,
    prepared: same
  },
  webgpu: {
    sessionOptions: { ...oneThread, executionProviders: ["webgpu"], extra: onlyThere },
    operatorSet: 21,
    stateOnDevice: true,
    prepared: forWebGpu
  }
}

/**
 * Starts a provider by running a graph of one operator on it. Denormals count as zero on this thread afterwards, whichever
 * it is. Fails with a `BackendError` that says what the provider needs; never takes another one instead.
 */
export const startProvider = Effect.fnUntraced(function* (
  name: OnnxProviderName
): Effect.fn.Return<OnnxProvider, BackendError> {
  if (!onnxProviderNames.includes(name)) {
    const problem = `expected a provider out of ${onnxProviderNames.join(", ")}, not ${quotedText(name)}`
    return yield* new BackendError({ backend: "onnxruntime", program: "start of the engine", during: "start", problem })
  }
  yield* flushDenormals
  const provider: OnnxProvider = { name, backend: `onnxruntime-${name}`, ...providers[name] }
  if (name === "cpu") return provider
  // NVIDIA's libraries round the operands of float32 products to 10 bits unless told not to. They read it when they start.
  if (name === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0"
  yield* Effect.tryPromise({
    try: () => runOneOperator(provider.sessionOptions),
    catch: (cause) =>
      new BackendError({
        backend: provider.backend,
        program: "a graph of one operator",
        during: "start",
        problem: `${firstLine(cause)}. It needs ${providerNeeds[name]}`,
        cause
      })
  })
  return provider
})

/**
 * Starts the first provider of the list that can be had. A list of one is a demand; of several the later ones are what the
 * user puts up with, and the log says on standard error which it is. Fails, if none can be had, with what each of them said.
 */
export const startFirstProvider = Effect.fnUntraced(function* (
  names: ReadonlyArray<OnnxProviderName>
): Effect.fn.Return<OnnxProvider, BackendError> {
  const failures: Array<BackendError> = []
  for (const name of names) {
    const started = yield* Effect.result(startProvider(name))
    if (started._tag === "Success") {
      const before = failures.map(({ message }) => `; ${message}`).join("")
      const choice = `ONNX Runtime runs on ${name}, of ${names.join(", ")}${before}`
      // Standard output is for results.
      if (names.length > 1) yield* Effect.provideService(Effect.logInfo(choice), References.LogToStderr, true)
      return started.success
    }
    failures.push(started.failure)
  }
  const [only] = failures
  if (only !== undefined && failures.length === 1) return yield* only
  const problem =
    only === undefined
      ? `expected a list of providers out of ${onnxProviderNames.join(", ")}, but was given an empty one`
      : failures.map(({ message }) => message).join("; ")
  return yield* new BackendError({ backend: "onnxruntime", program: "start of the engine", during: "start", problem })
})

const runOneOperator = async (options: ort.InferenceSession.SessionOptions): Promise<void> => {
  const session = await ort.InferenceSession.create(
    encodeOnnxModel({
      name: "one operator",
      nodes: [{ name: "exp", opType: "Exp", domain: "", input: ["x"], output: ["y"], attributes: {} }],
      constants: [],
      inputs: [{ name: "x", shape: [2] }],
      outputs: [{ name: "y", shape: [2] }]
    }),
    options
  )
  try {
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(0, 1), [2]) })
    const [one = Number.NaN, e = Number.NaN] = y?.data instanceof Float32Array ? y.data : []
    if (!(Math.abs(one - 1) < 1e-5 && Math.abs(e - Math.E) < 1e-5)) throw new Error(`exp of 0 and 1 gave ${one}, ${e}`)
  } finally {
    await session.release()
  }
}

/** Native messages begin with a file and a signature, and end in blank lines. */
const firstLine = (cause: unknown): string => {
  const text = (cause instanceof Error ? cause.message : String(cause)).trim().split("\n")[0] ?? ""
  return text.replace(/^\S+:\d+ .* was false\. /, "").replace(/\.$/, "")
}
