import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import type { OpenTelemetryOptions } from "../../layers/log/openTelemetry.ts"
import { environmentVariable } from "./environment.ts"

/** Where a run is reported besides its `log.jsonl`. */
export interface Logging {
  /** Whether the terminal shows nothing but warnings. */
  readonly quiet: boolean
  /** Event files for TensorBoard in the run's folder. */
  readonly tensorBoard: boolean
  /** Nowhere without an endpoint. */
  readonly telemetry: OpenTelemetryOptions
}

/** The flag `--tensorboard`. */
export const tensorBoardFlag = Flag.Boolean("tensorboard").pipe(
  Flag.withDescription("write event files for TensorBoard into the run's folder as well (tensorboard --logdir runs)"),
  Flag.withDefault(false)
)

/** The flag `--quiet`. */
export const quietFlag = Flag.Boolean("quiet").pipe(
  Flag.withDescription("show nothing but warnings and errors, on standard error; log.jsonl holds the course as ever"),
  Flag.withDefault(false)
)

/** OpenTelemetry's own names of its environment variables. */
const [endpointVariable, headersVariable] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"] as const

/**
 * What the flags and the environment ask for: telemetry goes to `OTEL_EXPORTER_OTLP_ENDPOINT`, with the headers of
 * `OTEL_EXPORTER_OTLP_HEADERS` (`name=value`, with commas between them, percent-encoded). An empty variable asks for
 * nothing. Fails with a `SettingsError` if one of them is not sound.
 */
export const loggingOf = Effect.fnUntraced(function* ({
  tensorboard: tensorBoard,
  quiet
}: {
  readonly tensorboard: boolean
  readonly quiet: boolean
}): Effect.fn.Return<Logging, SettingsError> {
  const endpoint = Option.getOrUndefined(yield* environmentVariable(endpointVariable))
  if (endpoint === undefined) return { quiet, tensorBoard, telemetry: {} }
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    const problem = `expected the http address of a collector, such as http://localhost:4318, got "${endpoint}"`
    return yield* new SettingsError({ field: endpointVariable, problem })
  }
  const headers = yield* headersOf(Option.getOrElse(yield* environmentVariable(headersVariable), () => ""))
  return { quiet, tensorBoard, telemetry: { endpoint, headers } }
})

const headersOf = Effect.fnUntraced(function* (
  text: string
): Effect.fn.Return<Readonly<Record<string, string>>, SettingsError> {
  const headers: Array<readonly [string, string]> = []
  for (const entry of text.split(",").filter((part) => part.trim() !== "")) {
    const parts = /^([^=]+)=(.*)$/.exec(entry.trim())
    const [name, value] = [parts?.[1]?.trim(), decoded(parts?.[2] ?? "")]
    if (name === undefined || value === undefined) {
      // The value may be a key: not to be shown.
      const problem = "expected name=value, percent-encoded, with commas between them"
      return yield* new SettingsError({ field: headersVariable, problem })
    }
    headers.push([name, value])
  }
  return Object.fromEntries(headers)
})

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.trim())
  } catch {
    return undefined
  }
}
