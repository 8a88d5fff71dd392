import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { watchPage, watchStyle } from "../../domain/watch/watchPage.ts"
import { layerStore } from "../../layers/onDemand.ts"
import { pageScript } from "../../layers/page/pageScript.ts"
import { pointsFolder } from "../../layers/queue/leasedFolder.ts"
import { folderSource } from "../../layers/watch/folderSource.ts"
import { newToken } from "../../layers/watch/guard.ts"
import { layerHttpServer, listeningPort } from "../../layers/watch/httpServer.ts"
import { storeSource } from "../../layers/watch/storeSource.ts"
import { layerWatchedRuns } from "../../layers/watch/WatchedRuns.ts"
import { layerWatchServer } from "../../layers/watch/watchServer.ts"

/** What is watched, and from where. */
export interface WatchOptions {
  /** A run, a folder with runs below it, or the store of a queue: `sqlite:FILE`, `postgres://..`. */
  readonly watched: string
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

const runsOfFolder = Effect.fnUntraced(function* (folder: string) {
  const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const found = yield* Effect.mapError(
    fs.stat(folder),
    () => new NothingToWatchError({ folder, problem: "is not there" })
  )
  if (found.type !== "Directory") return yield* new NothingToWatchError({ folder, problem: "is no folder" })
  // Links on the way to it are the user's own; links below it lead nowhere.
  const root = yield* fs.realPath(folder)
  return { name: paths.basename(root), runs: layerWatchedRuns(folderSource(root)) }
})

/** The runs of a queue: in the folder beside an SQLite store (`pointsFolder`), where workers have put them there, or in the database. */
const runsOfStore = Effect.fnUntraced(function* (address: string) {
  const fs = yield* FileSystem.FileSystem
  const folder = pointsFolder(address)
  if (folder !== undefined && (yield* fs.exists(folder))) {
    return { ...(yield* runsOfFolder(folder)), name: (yield* Path.Path).basename(address.replace(/^sqlite:/, "")) }
  }
  const database = layerStore({ address, create: false })
  return { name: "sweeps", runs: Layer.provide(layerWatchedRuns(storeSource), database) }
})

const isLoopback = (host: string): boolean => /^(127\.\d+\.\d+\.\d+|localhost|::1)$/.test(host)

/**
 * Serves the page that follows runs until it is interrupted; `announce` is given its address when it can be opened. Fails with a
 * `NothingToWatchError` if there is no such folder, with a `QueueError` if a store cannot be opened, and with a `ListenError` if nothing
 * can be served there.
 */
export const watchRuns = Effect.fn("watchRuns")(function* <E, R>(
  { watched, host: written, port }: WatchOptions,
  announce: (address: string) => Effect.Effect<void, E, R>
) {
  // As addresses are written in a browser: `[::1]`.
  const host = written.replace(/^\[(.*)\]$/, "$1")
  // Any address: a mistyped one is refused as a store, and not repeated, since it may hold a password.
  const isStore = /^(sqlite:|[a-z]+:\/\/)/i.test(watched)
  const { name, runs } = yield* isStore ? runsOfStore(watched) : runsOfFolder(watched)
  const places = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const script = yield* Effect.cached(Effect.provideContext(pageScript("watch"), places))
  const page = { html: watchPage(name), style: watchStyle, script }
  const token = isLoopback(host) ? undefined : yield* newToken
  const server = layerWatchServer(page, { host, token }).pipe(
    Layer.provide(runs),
    Layer.provideMerge(layerHttpServer({ host, port }))
  )
  return yield* Effect.gen(function* () {
    const at = yield* listeningPort
    // It is asked for in a moment.
    yield* Effect.forkChild(script)
    const shown = host.includes(":") ? `[${host}]` : host
    yield* announce(`http://${shown}:${at}/${token === undefined ? "" : `?token=${token}`}`)
    return yield* Effect.never
  }).pipe(Effect.provide(server, { local: true }))
})
