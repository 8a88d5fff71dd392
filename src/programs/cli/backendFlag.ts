import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { backendNamed, backendNames } from "../../layers/backend/selection/backendNamed.ts"
import type { BackendError, TensorBackend } from "../../layers/backend/TensorBackend.ts"
import { environmentVariable } from "./environment.ts"
import { UsageError } from "./userError.ts"

/** The environment variable that names a backend where no flag does. */
const variable = "FOVEA_BACKEND"

/** The flag `--backend`. */
export const backendFlag = Flag.String("backend").pipe(
  Flag.withMetavar("name"),
  Flag.withDescription(
    `where programs run: ${backendNames.join(", ")} (default: ${variable} of the environment, or else onnxruntime); see fovea doctor`
  ),
  Flag.optional
)

/**
 * The backend that is asked for: the flag's, else the environment's, else the native CPU engine. An empty variable asks for
 * nothing. Fails with a `UsageError` for a flag that names no backend, with a `SettingsError` for such a variable.
 */
export const backendOf = Effect.fnUntraced(function* (
  flag: Option.Option<string>
): Effect.fn.Return<Layer.Layer<TensorBackend, BackendError>, SettingsError | UsageError> {
  const configured = yield* environmentVariable(variable)
  const name = Option.getOrElse(
    Option.orElse(flag, () => configured),
    () => "onnxruntime"
  )
  return yield* Effect.fromResult(backendNamed(name)).pipe(
    Effect.mapError(({ message: problem }) =>
      Option.isSome(flag)
        ? new UsageError({ flag: "--backend", problem })
        : new SettingsError({ field: variable, problem })
    )
  )
})
