import type * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { BackendError, TensorBackend } from "../TensorBackend.ts"
import { engineNames } from "./engineNames.ts"
import { engineLayers } from "./engines.ts"
import { layerAuto } from "./layerAuto.ts"

/** Every name that `backendNamed` knows: the engines', and `auto`. */
export const backendNames = [...engineNames, "auto"] as const

/** What `--backend` and `Backends.named` know: an engine's name, or `auto`. */
export type BackendName = (typeof backendNames)[number]

/** A name that is no backend's. */
export class UnknownBackendError extends Schema.TaggedError<UnknownBackendError>()("UnknownBackendError", {
  given: Schema.String
}) {
  override get message(): string {
    return `there is no backend "${this.given}", but ${backendNames.join(", ")}`
  }
}

/**
 * The layer of a backend by its name. A list of all names is in the error for any other.
 *
 * @example
 * ```ts
 * import * as Result from "effect/Result"
 * import { Backends } from "fovea"
 *
 * console.log(Result.isSuccess(Backends.named("reference")), Result.isFailure(Backends.named("abacus"))) // true true
 * ```
 */
export const backendNamed = (
  name: string
): Result.Result<Layer.Layer<TensorBackend, BackendError>, UnknownBackendError> => {
  if (name === "auto") return Result.succeed(layerAuto)
  const engine = engineNames.find((known) => known === name)
  return engine === undefined
    ? Result.fail(new UnknownBackendError({ given: name }))
    : Result.succeed(engineLayers[engine])
}
