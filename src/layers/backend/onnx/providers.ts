import "../../machine/withoutTelemetry.ts"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import * as ort from "onnxruntime-node"
import { quotedText } from "../../../domain/text/terminalText.ts"
import { BackendError } from "../TensorBackend.ts"
import { flushDenormals } from "./flushDenormals.ts"
import { forWebGpu } from "./forWebGpu.ts"
import { firstLine, type OnnxProvider, runOneOperator } from "./OnnxProvider.ts"

/** The devices that ONNX Runtime runs programs on here. */
export const onnxProviderNames = ["cpu", "cuda", "webgpu"] as const

/** A device of ONNX Runtime by its name. */
export type OnnxProviderName = (typeof onnxProviderNames)[number]

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

const providers: { readonly [K in OnnxProviderName]: Omit<OnnxProvider, "backend" | "library"> } = {
  cpu: {
    sessionOptions: { ...oneThread, executionProviders: ["cpu"] },
    operatorSet: 21,
    convolutions: "products",
    onThreads: true,
    resultsInPlace: true,
    stateOnDevice: false,
    prepared: same
  },
  cuda: {
    sessionOptions: { ...oneThread, executionProviders: ["cuda"], extra: onlyThere },
    // ONNX Runtime's list of kernels has none of `Pad` and `ReduceMax` as later sets define them.
    operatorSet: 18,
    convolutions: "operators",
    // The binding can leave results on the device for WebGPU only.
    onThreads: false,
    resultsInPlace: false,
    stateOnDevice: false,
    prepared: same
  },
  webgpu: {
    sessionOptions: { ...oneThread, executionProviders: ["webgpu"], extra: onlyThere },
    operatorSet: 21,
    convolutions: "operators",
    onThreads: false,
    resultsInPlace: false,
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
  const provider: OnnxProvider = { library: ort, backend: `onnxruntime-${name}`, ...providers[name] }
  if (name === "cpu") return provider
  // NVIDIA's libraries round the operands of float32 products to 10 bits unless told not to. They read it when they start.
  if (name === "cuda") process.env["NVIDIA_TF32_OVERRIDE"] ??= "0"
  yield* Effect.tryPromise({
    try: () => runOneOperator(ort, provider.sessionOptions),
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
