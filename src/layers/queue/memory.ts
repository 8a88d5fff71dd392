import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { countedKinds, gaveUp, lostLease } from "./leaseRules.ts"
import { SweepConflictError, UnknownSweepError } from "./queueErrors.ts"
import {
  type Lease,
  LeaseTimes,
  type PointRecord,
  type PointState,
  type QueueWorker,
  type Report,
  type SubmittedSweep,
  type SweepPoint,
  TrainingQueue
} from "./TrainingQueue.ts"

type Mutable<A> = { -readonly [K in keyof A]: A[K] }

interface Kept extends Mutable<PointRecord> {
  /** When its lease ends without a renewal, and when it was last renewed. */
  expires: number
  renewed: number
  /** Whether its holder has reported progress. */
  progressed: boolean
  /** Holders in a row that vanished without. */
  fruitless: number
  readonly reports: Map<number, Report>
}

interface KeptSweep extends SubmittedSweep {
  readonly submitted: number
  readonly ids: ReadonlyArray<string>
  cancelled: boolean
}

const location = "memory"

/** A queue that lives as long as its layer, for the workers of one process. */
export const layerMemory: Layer.Layer<TrainingQueue> = Layer.effect(
  TrainingQueue,
  Effect.gen(function* () {
    const times = yield* LeaseTimes
    const points = new Map<string, Kept>()
    const sweeps = new Map<string, KeptSweep>()
    const now = Clock.currentTimeMillis

    const sweepOf = Effect.fnUntraced(function* (name: string) {
      const sweep = sweeps.get(name)
      if (sweep === undefined) return yield* new UnknownSweepError({ store: location, name, known: [...sweeps.keys()] })
      return sweep
    })
    const pointsOf = ({ ids }: KeptSweep): ReadonlyArray<Kept> => ids.flatMap((id) => points.get(id) ?? [])
    const liveSweepOf = (id: string) =>
      [...sweeps.values()].find(({ cancelled, ids }) => !cancelled && ids.includes(id))

    /** Puts points that ended back into the queue. */
    const revive = (sweep: KeptSweep, states: ReadonlyArray<PointState>): number => {
      sweep.cancelled = false
      const revived = pointsOf(sweep).filter(({ state }) => states.includes(state))
      for (const kept of revived) {
        Object.assign(kept, { state: "waiting", error: Option.none(), ended: Option.none(), fruitless: 0 })
      }
      return revived.length
    }

    const submit: TrainingQueue["Service"]["submit"] = Effect.fn("TrainingQueue.submit")(function* (sweep, added) {
      const known = sweeps.get(sweep.name)
      if (known !== undefined && known.plan !== sweep.plan) {
        return yield* new SweepConflictError({ store: location, name: sweep.name })
      }
      const ids = [...new Set([...(known?.ids ?? []), ...added.map(({ id }) => id)])]
      const present = added.filter(({ id }) => points.has(id))
      const finished = present.filter(({ id }) => points.get(id)?.state === "finished").length
      for (const point of added) if (!points.has(point.id)) points.set(point.id, fresh(point))
      const kept: KeptSweep = { ...sweep, ids, submitted: known?.submitted ?? (yield* now), cancelled: false }
      sweeps.set(sweep.name, kept)
      revive(kept, ["cancelled"])
      return { added: added.length - present.length, present: present.length, finished }
    })

    const fits = (worker: QueueWorker, { point }: Kept): boolean =>
      worker.versions.includes(point.version) && worker.engine === point.engine

    const claim: TrainingQueue["Service"]["claim"] = Effect.fn("TrainingQueue.claim")(function* (worker) {
      const time = yield* now
      for (const { cancelled, ids, name } of sweeps.values()) {
        if (cancelled || (worker.only !== undefined && worker.only !== name)) continue
        for (const id of ids) {
          const kept = points.get(id)
          if (kept === undefined || !fits(worker, kept) || worker.except?.includes(id)) continue
          const silent = kept.state === "running" && kept.expires < time
          if (kept.state !== "waiting" && !silent) continue
          if (silent) kept.fruitless = kept.progressed ? 0 : kept.fruitless + 1
          if (kept.fruitless >= times.fruitless) {
            const error = Option.some(gaveUp(kept.fruitless, kept.progress))
            Object.assign(kept, { state: "failed", error, ended: Option.some(time) })
            continue
          }
          kept.state = "running"
          kept.token += 1
          kept.attempts += 1
          kept.worker = Option.some(worker.name)
          kept.taken = Option.some(time)
          kept.progressed = false
          return Option.some(leaseOf(kept, name))
        }
      }
      return Option.none()
    })

    const leaseOf = (kept: Kept, sweep: string): Lease => {
      const { point, token, attempts: attempt, progress } = kept
      const lose = () => lostLease({ point: point.id, token }, { ...kept, worker: Option.getOrNull(kept.worker) })
      /** Does something for the holder of the lease, and for nobody else. */
      const held = (change: (time: number) => void) =>
        Effect.flatMap(now, (time) =>
          Effect.suspend(() => {
            if (kept.token !== token || kept.state !== "running") return Effect.fail(lose())
            kept.renewed = time
            kept.expires = time + Duration.toMillis(times.lease)
            change(time)
            return Effect.void
          })
        )
      const end = (state: "finished" | "failed", fields: Partial<Kept>) =>
        Effect.suspend(() =>
          kept.token === token && kept.state === state
            ? Effect.void
            : held((time) => Object.assign(kept, { state, ended: Option.some(time), ...fields }))
        )
      kept.renewed = Option.getOrElse(kept.taken, () => 0)
      kept.expires = kept.renewed + Duration.toMillis(times.lease)
      return {
        point,
        sweep,
        token,
        attempt,
        progress,
        renew: held(() => {}),
        report: (report) =>
          held(() => {
            const before = Option.match(kept.progress, { onNone: () => -1, onSome: ({ update }) => update })
            kept.progressed ||= report.update > before
            kept.progress = Option.some({ update: report.update, of: report.of })
            if (report.measures !== undefined) kept.reports.set(report.update, report)
          }).pipe(Effect.withSpan("Lease.report")),
        finish: (result) => Effect.withSpan(end("finished", { result: Option.some(result) }), "Lease.finish"),
        fail: (error) => Effect.withSpan(end("failed", { error: Option.some(error) }), "Lease.fail"),
        release: Effect.ignore(
          held(() => {
            kept.state = "waiting"
            kept.fruitless = 0
          })
        ).pipe(Effect.withSpan("Lease.release"))
      }
    }

    const outlook: TrainingQueue["Service"]["outlook"] = Effect.fn("TrainingQueue.outlook")((worker) =>
      Effect.sync(() => {
        const asked = worker.only === undefined ? undefined : new Set(sweeps.get(worker.only)?.ids)
        const open = [...points.values()].filter(
          ({ point: { id } }) => liveSweepOf(id) !== undefined && asked?.has(id) !== false
        )
        const waiting = open.filter(({ state }) => state === "waiting")
        const unfit = waiting.filter((kept) => !fits(worker, kept))
        return {
          waiting: waiting.filter((kept) => fits(worker, kept) && !worker.except?.includes(kept.point.id)).length,
          running: open.filter(({ state }) => state === "running").length,
          unfit: countedKinds(unfit.map(({ point }) => ({ ...point, count: 1 })))
        }
      })
    )

    const status: TrainingQueue["Service"]["status"] = Effect.map(now, (time) =>
      [...sweeps.values()].map((sweep) => {
        const all = pointsOf(sweep)
        const count = (state: PointState) => all.filter((kept) => kept.state === state).length
        return {
          name: sweep.name,
          cancelled: sweep.cancelled,
          submitted: sweep.submitted,
          points: {
            waiting: count("waiting"),
            running: count("running"),
            finished: count("finished"),
            failed: count("failed"),
            cancelled: count("cancelled")
          },
          running: all
            .filter(({ state }) => state === "running")
            .map(({ point: { id }, worker, progress, renewed }) => ({
              id,
              worker: Option.getOrElse(worker, () => ""),
              progress,
              silent: (time - renewed) / 1000
            }))
        }
      })
    ).pipe(Effect.withSpan("TrainingQueue.status"))

    return TrainingQueue.of({
      location,
      submit,
      claim,
      outlook,
      status,
      plan: Effect.fn("TrainingQueue.plan")((name) => Effect.map(sweepOf(name), ({ plan }) => plan)),
      results: Effect.fn("TrainingQueue.results")((name) =>
        Effect.map(sweepOf(name), (sweep) =>
          pointsOf(sweep).map(({ point, state, attempts, token, worker, progress, result, error, taken, ended }) => ({
            ...{ point, state, attempts, token, worker, progress, result, error, taken, ended }
          }))
        )
      ),
      reports: Effect.fn("TrainingQueue.reports")((name, within = { after: -1, upTo: Number.POSITIVE_INFINITY }) =>
        Effect.map(sweepOf(name), (sweep) =>
          pointsOf(sweep).flatMap(({ point: { id }, reports }) =>
            [...reports.values()]
              .filter(({ update }) => update > within.after && update <= within.upTo)
              .sort((a, b) => a.update - b.update)
              .map((report) => ({ id, ...report }))
          )
        )
      ),
      cancel: Effect.fn("TrainingQueue.cancel")(function* (name) {
        const sweep = yield* sweepOf(name)
        const time = yield* now
        sweep.cancelled = true
        const ended = pointsOf(sweep).filter(
          ({ point: { id }, state }) => (state === "waiting" || state === "running") && liveSweepOf(id) === undefined
        )
        for (const kept of ended) Object.assign(kept, { state: "cancelled", ended: Option.some(time) })
        return ended.length
      }),
      retry: Effect.fn("TrainingQueue.retry")((name) =>
        Effect.map(sweepOf(name), (sweep) => revive(sweep, ["failed", "cancelled"]))
      )
    })
  })
)

const fresh = (point: SweepPoint): Kept => ({
  point,
  state: "waiting",
  attempts: 0,
  token: 0,
  worker: Option.none(),
  progress: Option.none(),
  result: Option.none(),
  error: Option.none(),
  taken: Option.none(),
  ended: Option.none(),
  expires: 0,
  renewed: 0,
  progressed: false,
  fruitless: 0,
  reports: new Map()
})
