import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import type { TrainingEvent } from "../../domain/experiment/TrainingEvent.ts"
import { TrainingLog } from "./TrainingLog.ts"

/** Appends every event to `events`, where a test or a program can look at them. */
export const layerMemory = (events: Ref.Ref<ReadonlyArray<TrainingEvent>>): Layer.Layer<TrainingLog> =>
  Layer.succeed(TrainingLog, { record: (event) => Ref.update(events, (earlier) => [...earlier, event]) })
