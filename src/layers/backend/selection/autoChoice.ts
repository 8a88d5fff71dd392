import type { EngineStatus } from "./EngineStatus.ts"
import type { EngineName } from "./engineNames.ts"

/**
 * What `auto` looks for, best first: NVIDIA's hardware by today's CUDA, then by TensorFlow's older one, any other GPU, and
 * the native CPU engine, which comes with Fovea. The others are slower than it everywhere, and are only taken by name.
 */
export const autoOrder: ReadonlyArray<EngineName> = [
  "onnxruntime:cuda",
  "tfjs-node-gpu",
  "onnxruntime:webgpu",
  "onnxruntime"
]

/** An engine, and why it and none of those before it. */
export interface AutoChoice {
  readonly name: EngineName
  readonly reason: string
}

/** Whether `auto` may take an engine: it must be there, and if it is one for GPUs, on a real one. */
export const isSuitable = ({ name, status, device }: EngineStatus): boolean =>
  status === "present" && (name === "onnxruntime" || device?.kind === "gpu")

/** The first suitable engine in `autoOrder`, of what was found; `onnxruntime` if there is none. */
export const autoChoice = (found: ReadonlyArray<EngineStatus>): AutoChoice => {
  const presences = autoOrder.flatMap((name) => found.filter((presence) => presence.name === name))
  const index = presences.findIndex(isSuitable)
  const chosen = presences[index]
  const passedOver = presences.slice(0, index === -1 ? undefined : index).map(whyNot)
  const because = chosen?.device?.kind === "gpu" ? chosen.device.description : "the native CPU engine"
  return {
    name: chosen?.name ?? "onnxruntime",
    reason: passedOver.length === 0 ? because : `${because}; ${passedOver.join("; ")}`
  }
}

const whyNot = ({ name, status, device }: EngineStatus): string => {
  if (status === "missing") return `${name} is not there`
  if (status === "failed") return `${name} does not work here`
  return `${name} has no GPU (${device?.description ?? "device unknown"})`
}
