import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { eventLine } from "./progressLine.ts"
import { TrainingLog } from "./TrainingLog.ts"

/** Shows a run's warnings, each on a line of standard error, and nothing else. */
export const layerWarnings: Layer.Layer<TrainingLog> = Layer.succeed(
  TrainingLog,
  TrainingLog.of({
    record: (event) => (event._tag === "Warned" ? Console.error(eventLine(event)) : Effect.void)
  })
)
