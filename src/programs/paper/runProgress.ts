import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { updatesPerEpoch } from "../../domain/data/epochOrder.ts"
import { totalUpdates } from "../../domain/experiment/ExperimentSettings.ts"
import type { PlannedRun } from "../../domain/paper/plan/ReproductionPlan.ts"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Dataset } from "../../layers/dataset/Dataset.ts"

/** How far a planned training has come. */
export interface RunProgress {
  /** Of its newest checkpoint; 0 if there is none. */
  readonly update: number
  readonly totalUpdates: number
  readonly updatesPerEpoch: number
}

/** How far a run has come, by the names in its `CheckpointStore`: nothing is opened. */
export const standingOf = Effect.fn("standingOf")(function* (run: PlannedRun) {
  const { list } = yield* CheckpointStore
  return yield* standingAt(run, (yield* list).at(-1) ?? 0)
})

/**
 * How far a run has come, by the checkpoint that programs go on from. It is opened, so that a store that falls back from damaged
 * checkpoints does not have a run for finished whose end is one of them. Fails as `latest` of the `CheckpointStore` does.
 */
export const openedStandingOf = Effect.fn("openedStandingOf")(function* (run: PlannedRun) {
  const newest = yield* (yield* CheckpointStore).latest
  return yield* standingAt(
    run,
    Option.match(newest, { onNone: () => 0, onSome: ({ description }) => description.update })
  )
})

const standingAt = ({ settings }: PlannedRun, update: number) =>
  Effect.map(Dataset, ({ training }): RunProgress => {
    const perEpoch = updatesPerEpoch(training.count, settings.training.batchSize)
    return { update, totalUpdates: totalUpdates(settings, perEpoch), updatesPerEpoch: perEpoch }
  })

export const isFinished = ({ update, totalUpdates }: RunProgress): boolean => update >= totalUpdates

/** `finished (49 epochs)`, `epoch 12.4 of 49`, `not begun (49 epochs)`. */
export const describeProgress = (standing: RunProgress): string => {
  const epochsOf = (update: number): string => String(Number((update / standing.updatesPerEpoch).toFixed(1)))
  const whole = epochsOf(standing.totalUpdates)
  if (isFinished(standing)) return `finished (${epochsOf(standing.update)} epochs)`
  return standing.update === 0 ? `not begun (${whole} epochs)` : `epoch ${epochsOf(standing.update)} of ${whole}`
}
