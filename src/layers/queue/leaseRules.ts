import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import { LeaseLostError } from "./queueErrors.ts"
import type { Outlook, PointState, Progress } from "./TrainingQueue.ts"

/** Why a point is given up that no worker gets on with. */
export const gaveUp = (workers: number, progress: Option.Option<Progress>): string => {
  const where = Option.match(progress, { onNone: () => "beginning", onSome: ({ update }) => `update ${update}` })
  return `${workers} workers in a row vanished without getting on from its ${where}`
}

/** What the holder of an older lease finds in its point's place. */
export const lostLease = (
  lease: { readonly point: string; readonly token: number },
  found: { readonly state: PointState; readonly token: number; readonly worker: string | null } | undefined
): LeaseLostError => new LeaseLostError({ ...lease, found: whatIsFound(found) })

const whatIsFound = (
  found: { readonly state: PointState; readonly token: number; readonly worker: string | null } | undefined
): LeaseLostError["found"] => {
  switch (found?.state) {
    case undefined:
      return { _tag: "Removed" }
    case "running":
      return { _tag: "Taken", worker: found?.worker ?? "", token: found?.token ?? 0 }
    case "waiting":
      return { _tag: "Waiting" }
    case "cancelled":
      return { _tag: "Cancelled" }
    case "finished":
    case "failed":
      return { _tag: "Ended", state: found?.state ?? "" }
  }
}

/** How many points there are of each version and engine, ordered by both. */
export const countedKinds = (points: Outlook["unfit"]): Outlook["unfit"] =>
  Object.values(Arr.groupBy(points, ({ version, engine }) => `${version} ${engine}`))
    .map(([first, ...rest]) => ({
      version: first.version,
      engine: first.engine,
      count: rest.reduce((sum, { count }) => sum + count, first.count)
    }))
    .sort((a, b) => a.version - b.version || (a.engine < b.engine ? -1 : 1))
