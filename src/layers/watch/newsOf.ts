import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import * as Stream from "effect/Stream"
import type { ListedRun, WatchedRuns } from "./WatchedRuns.ts"

/** Between two looks at the runs, and looks without news after which a page hears that the server is there. */
const [lookMillis, quietLooks] = [1000, 15]

/** What a page has been told of: only what changed since is sent again. */
interface Told {
  readonly runs: ReadonlyMap<string, ListedRun>
  readonly looks: number
}

/**
 * The runs as server-sent events: all of them at first, then those that changed and the names of those that went. Made when
 * the connection takes more: a page that reads slowly is told less often, and nothing is kept for it.
 */
export const newsOf = (runs: WatchedRuns["Service"], state: { followers: number }) => {
  const look = Effect.fnUntraced(function* ({ runs: told, looks }: Told) {
    if (looks > 0) yield* Effect.sleep(lookMillis)
    const { runs: listed, more } = yield* runs.list
    const changed = listed.filter((run) => told.get(run.summary.id) !== run)
    const now = new Map(listed.map((run) => [run.summary.id, run]))
    const gone = [...told.keys()].filter((id) => !now.has(id))
    const isNews = looks === 0 || changed.length > 0 || gone.length > 0
    const data = { changed, gone, more, now: yield* Clock.currentTimeMillis }
    const event = (name: string, content: unknown): Sse.Event => ({
      _tag: "Event",
      event: name,
      id: undefined,
      data: JSON.stringify(content)
    })
    const events = isNews ? [event("runs", data)] : looks % quietLooks === 0 ? [event("quiet", {})] : []
    return [events, { runs: now, looks: looks + 1 }] as const
  })
  const follow = Effect.acquireRelease(
    Effect.sync(() => state.followers++),
    () => Effect.sync(() => state.followers--)
  )
  return Stream.unwrap(
    Effect.as(follow, Stream.unfold<Told, ReadonlyArray<Sse.Event>, never, never>({ runs: new Map(), looks: 0 }, look))
  ).pipe(Stream.flattenIterable, Stream.pipeThroughChannel(Sse.encode()), Stream.encodeText, Stream.orDie)
}
