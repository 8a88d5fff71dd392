import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { Milestones } from "../../layers/checkpoint/Milestones.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"

/** What the run of a point has kept. */
export interface KeptRun {
  readonly checkpoints: CheckpointStore["Service"]
  readonly milestones: Milestones["Service"]
  /** The bytes of a file of JSON lines. */
  readonly log: Uint8Array
}

/**
 * Brings a point's run into the stores of another, which has none yet, and its log into the file of that path. The newest checkpoint
 * comes last: a run that has one has all the rest. Without a checkpoint nothing is brought.
 */
export const copyRun = Effect.fn("Sweep.copyRun")(function* ({ checkpoints, milestones, log }: KeptRun, path: string) {
  const newest = yield* checkpoints.latest
  if (Option.isNone(newest)) return
  const [store, kept] = [yield* CheckpointStore, yield* Milestones]
  yield* writeFileAtomically(path, log)
  for (const update of yield* milestones.list) yield* kept.save(yield* milestones.load(update))
  yield* store.save(newest.value)
})
