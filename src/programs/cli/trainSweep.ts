import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { thisMachine } from "../../layers/machine/thisMachine.ts"
import type { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"
import { follow } from "./sweepStatus.ts"
import { type WorkerFlags, workHere, workInProcesses } from "./workerCommand.ts"

/** A sweep that was run to its end, some of whose points were not trained. */
export class PointsFailedError extends Schema.TaggedError<PointsFailedError>()("PointsFailedError", {
  sweep: Schema.String,
  failed: Schema.Int,
  first: Schema.String
}) {
  override get message(): string {
    const which = this.failed === 1 ? "1 point" : `${this.failed} points`
    return `${which} of the sweep ${this.sweep} failed, the first with: ${this.first}. Once that is mended: fovea sweep retry ${this.sweep}`
  }
}

/** What workers of this machine need. */
export type TrainerServices = Effect.Services<ReturnType<typeof workHere> | ReturnType<typeof workInProcesses>>

/**
 * Trains the points of a sweep of the store by so many workers of this machine, one for each core if `jobs` says nothing, at most one for
 * each of the points that are left; by none where it is 0. Tells of them unless `quiet`, and ends when no point is left, here or elsewhere.
 */
export const trainSweep = Effect.fnUntraced(function* (
  sweep: string,
  {
    jobs,
    left,
    ...flags
  }: Omit<WorkerFlags, "sweep" | "stay"> & { readonly jobs: Option.Option<number>; readonly left: number }
): Effect.fn.Return<void, Error, TrainerServices | TrainingQueue> {
  const { cores } = yield* thisMachine
  const asked = Option.getOrElse(jobs, () => cores)
  const wanted = asked === 0 ? 0 : Math.max(1, Math.min(asked, left))
  const worker = { ...flags, sweep: Option.some(sweep), stay: false, quiet: true }
  const told = flags.quiet && wanted > 0 ? undefined : yield* Effect.forkChild(follow(sweep))
  if (wanted > 0) yield* wanted === 1 ? workHere(worker) : workInProcesses(worker, wanted)
  if (told !== undefined) yield* Fiber.join(told)
})
