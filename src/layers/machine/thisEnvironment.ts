import * as Effect from "effect/Effect"
import type { Environment } from "../../domain/checkpoint/Manifest.ts"
import { type EngineName, engineNames, enginePackages, engineVersion } from "../backend/selection/engineNames.ts"
import { builtinModule } from "./builtinModule.ts"

const system = builtinModule("node:os")

/** What a backend of this name computes with here, on this many shards. */
export const thisEnvironment = (backend: string, shards: number): Effect.Effect<Environment> =>
  Effect.sync(() => {
    const name = engineOf(backend)
    const version = name === undefined ? undefined : engineVersion(name)
    const threads = name === undefined ? undefined : threadsOf(name, shards)
    return {
      ...(system === undefined
        ? { node: "none", platform: navigator.userAgent, processor: "unknown" }
        : {
            node: process.versions.node,
            platform: `${process.platform} ${process.arch}`,
            processor: system.cpus()[0]?.model.trim() ?? "unknown"
          }),
      ...(name !== undefined && name !== "reference" && version !== undefined
        ? { engine: `${enginePackages[name]} ${version}` }
        : {}),
      shards,
      ...(threads === undefined ? {} : { threads })
    }
  })

/** A backend's own name may say more than the one it is chosen by: `onnxruntime-cpu`. */
const engineOf = (backend: string): EngineName | undefined =>
  backend === "onnxruntime-cpu" ? "onnxruntime" : engineNames.find((name) => name.replace(":", "-") === backend)

/** ONNX Runtime computes each shard on one thread; what the others do is not known. */
const threadsOf = (name: EngineName, shards: number): number | undefined => {
  if (name === "onnxruntime") return shards
  return name === "reference" || name === "tfjs-cpu" ? 1 : undefined
}
