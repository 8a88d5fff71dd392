import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { TrainingLog } from "./TrainingLog.ts"

/** Keeps nothing. */
export const layerSilent: Layer.Layer<TrainingLog> = Layer.succeed(TrainingLog, { record: () => Effect.void })
