import * as Effect from "effect/Effect"
import { updatesPerEpoch } from "../../domain/dataset/epochOrder.ts"
import { totalUpdates } from "../../domain/experiment/ExperimentSettings.ts"
import type { PlannedRun } from "../../domain/reproduction/ReproductionPlan.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"

/** How far a planned training has come. */
export interface Standing {
  /** Of its newest checkpoint; 0 if there is none. */
  readonly update: number
  readonly totalUpdates: number
  readonly updatesPerEpoch: number
}

/** How far a run has come, by the names in its `CheckpointStore`: nothing is opened. */
export const standingOf = Effect.fn("standingOf")(function* ({ settings }: PlannedRun) {
  const { training } = yield* Dataset
  const { list } = yield* CheckpointStore
  const perEpoch = updatesPerEpoch(training.count, settings.training.batchSize)
  const standing: Standing = {
    update: (yield* list).at(-1) ?? 0,
    totalUpdates: totalUpdates(settings, perEpoch),
    updatesPerEpoch: perEpoch
  }
  return standing
})

export const isFinished = ({ update, totalUpdates }: Standing): boolean => update >= totalUpdates

/** `finished (49 epochs)`, `epoch 12.4 of 49`, `not begun (49 epochs)`. */
export const describeStanding = (standing: Standing): string => {
  const epochsOf = (update: number): string => String(Number((update / standing.updatesPerEpoch).toFixed(1)))
  const whole = epochsOf(standing.totalUpdates)
  if (isFinished(standing)) return `finished (${epochsOf(standing.update)} epochs)`
  return standing.update === 0 ? `not begun (${whole} epochs)` : `epoch ${epochsOf(standing.update)} of ${whole}`
}
