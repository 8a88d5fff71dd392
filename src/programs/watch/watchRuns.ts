import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { watchPage, watchStyle } from "../../domain/watch/watchPage.ts"
import { pageScript } from "../../layers/page/pageScript.ts"
import { layerHttpServer, listeningPort } from "../../layers/watch/httpServer.ts"
import { newToken } from "../../layers/watch/newToken.ts"
import { layerWatchedRuns } from "../../layers/watch/WatchedRuns.ts"
import { layerWatchServer } from "../../layers/watch/watchServer.ts"

/** Where runs are watched, and from where. */
export interface WatchOptions {
  /** A run, or a folder with runs below it. */
  readonly folder: string
  /** The address of this machine to listen at: `127.0.0.1` lets in this machine alone, any other whoever has the token. */
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
}

/** There is nothing to watch. */
export class NothingToWatchError extends Schema.TaggedError<NothingToWatchError>()("NothingToWatchError", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder} ${this.problem}: name the folder of a run, or one with runs below it, as fovea train --out makes them`
  }
}

const isLoopback = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host)

/**
 * Serves the page that follows runs until it is interrupted; `announce` is given its address when it can be opened. Fails with a
 * `NothingToWatchError` if there is no such folder, and with a `ListenError` if nothing can be served there.
 */
export const watchRuns = Effect.fn("watchRuns")(function* <E, R>(
  { folder, host, port }: WatchOptions,
  announce: (address: string) => Effect.Effect<void, E, R>
) {
  const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const found = yield* Effect.mapError(
    fs.stat(folder),
    () => new NothingToWatchError({ folder, problem: "is not there" })
  )
  if (found.type !== "Directory") return yield* new NothingToWatchError({ folder, problem: "is no folder" })
  // Links on the way to it are the user's own; links below it lead nowhere.
  const root = yield* fs.realPath(folder)
  const places = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const script = yield* Effect.cached(Effect.provideContext(pageScript("watch"), places))
  const page = { html: watchPage(paths.basename(root)), style: watchStyle, script }
  const token = isLoopback(host) ? undefined : yield* newToken
  const server = layerWatchServer(page, token).pipe(
    Layer.provide(layerWatchedRuns(root)),
    Layer.provideMerge(layerHttpServer({ host, port }))
  )
  return yield* Effect.gen(function* () {
    const at = yield* listeningPort
    // It is asked for in a moment.
    yield* Effect.forkChild(script)
    const name = host.includes(":") ? `[${host}]` : host
    yield* announce(`http://${name}:${at}/${token === undefined ? "" : `?token=${token}`}`)
    return yield* Effect.never
  }).pipe(Effect.provide(server, { local: true }))
})
