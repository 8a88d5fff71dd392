import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isOver, progressLine, type SweepTally } from "../../domain/sweep/statusTable.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { UnknownSweepError } from "../../layers/queue/queueErrors.ts"
import { TrainingQueue } from "../../layers/queue/TrainingQueue.ts"

/** How all sweeps of the store stand, or the one of a name. */
export const tallies = Effect.fnUntraced(function* (name: Option.Option<string>) {
  const queue = yield* TrainingQueue
  const all = (yield* queue.status).map(
    (sweep): SweepTally => ({
      ...sweep,
      running: sweep.running.map((point) => ({ ...point, progress: Option.getOrUndefined(point.progress) }))
    })
  )
  if (Option.isNone(name)) return all
  const found = all.filter((sweep) => sweep.name === name.value)
  if (found.length > 0) return found
  const known = all.map((sweep) => sweep.name)
  return yield* new UnknownSweepError({ store: queue.location, name: name.value, known })
})

/** Tells of a sweep whenever its counts change, until it is over. */
export const follow = Effect.fnUntraced(function* (name: string) {
  let last = ""
  for (;;) {
    const [sweep] = yield* tallies(Option.some(name))
    if (sweep === undefined) return
    const line = progressLine(sweep)
    if (line !== last) yield* Console.log(terminalTable([line]))
    last = line
    if (isOver(sweep)) return
    yield* Effect.sleep(Duration.seconds(2))
  }
})
