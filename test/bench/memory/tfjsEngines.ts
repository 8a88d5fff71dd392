import type { EngineName } from "../../../src/layers/backend/selection/engineNames.ts"
import { startEngine, type TfjsCore, type TfjsEngine } from "../../../src/layers/backend/tfjs/TfjsEngine.ts"

/** Which package and which of its backends is behind an engine of ours. */
export const tfjsBackends: { readonly [K in EngineName]?: readonly [packageName: string, backend: string] } = {
  "tfjs-cpu": ["@tensorflow/tfjs-core", "cpu"],
  "tfjs-wasm": ["@tensorflow/tfjs-core", "wasm"],
  "tfjs-node": ["@tensorflow/tfjs-node", "tensorflow"],
  "tfjs-node-gpu": ["@tensorflow/tfjs-node-gpu", "tensorflow"]
}

/** The running tfjs backend of an engine whose layer has been built in this process, if it is one of tfjs. */
export const tfjsEngineOf = async (name: EngineName): Promise<TfjsEngine | undefined> => {
  const found = tfjsBackends[name]
  if (found === undefined) return undefined
  const [packageName, backendName] = found
  // Our layer has loaded it and looked at it.
  const core = (await import(packageName)) as TfjsCore
  return startEngine(core, { backendName, usesActiveBackend: backendName === "tensorflow" })
}
