import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { layerMemory } from "../../../src/layers/log/TrainingLog.ts"
import { logContract } from "./logContract.ts"

logContract(
  "layerMemory",
  Effect.map(Ref.make<ReadonlyArray<TrainingEvent>>([]), (events) => ({
    layer: layerMemory(events),
    kept: Ref.get(events),
    expected: (recorded) => recorded
  }))
)
