import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import { type PlatformError, systemError } from "effect/PlatformError"
import { makeFolderSynced } from "../file/atomicWrite.ts"
import { type Change, guardedFileSystem } from "../file/guardedFileSystem.ts"
import { linkOut } from "../file/linkOut.ts"
import type { Lease } from "./TrainingQueue.ts"

/**
 * The folder of points' runs that goes with a store: beside its SQLite file and named after it, so that two stores never write into
 * one run by tokens of their own. None where the database itself keeps them.
 */
export const pointsFolder = (address: string): string | undefined => {
  const file = /^sqlite:(.+)$/s.exec(address)?.[1]
  return file === undefined ? undefined : `${file.replace(/\.(sqlite3?|db)$/, "")}-points`
}

/** Name of the file that says who may write: digits of the token, so that names are in the order of tokens. */
const tokenFile = (token: number): string => `lease-${String(token).padStart(10, "0")}`
const tokenIn = (name: string): number => Number(/^lease-(\d+)$/.exec(name)?.[1] ?? 0)

/**
 * A `FileSystem` for the folder of a point's run, on a disk that machines may share: before every change it looks whether a higher token than the
 * lease's has been laid into the folder, and refuses the change then. So who lost a lease writes nothing more there, also where the
 * queue cannot be asked; what lies between that look and the change itself is one call of the system's. Nor is anything changed by a
 * path that a link leads out of the folder.
 *
 * Fails with a `PlatformError` if the folder cannot be made, or is another's already.
 */
export const layerLeasedFolder = (
  folder: string,
  { token, point }: Pick<Lease, "token" | "point">
): Layer.Layer<FileSystem.FileSystem, PlatformError, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const paths = yield* Path.Path
      const refusal = ({ method, path }: Change, cause: string) =>
        systemError({
          _tag: "PermissionDenied",
          module: "LeasedFolder",
          method,
          pathOrDescriptor: path,
          cause: new Error(cause)
        })
      const tokens = Effect.map(fs.readDirectory(folder), (names) => names.map(tokenIn).filter((found) => found > 0))
      const check = Effect.fnUntraced(function* (change: Change) {
        const highest = Math.max(0, ...(yield* tokens))
        if (highest === token) return
        const found = highest > token ? `the lease ${highest} has been given out since` : "its own lease is not there"
        return yield* refusal(change, `point ${point.id} is no longer that of lease ${token}: ${found}`)
      })
      const permit = Effect.fnUntraced(function* (change: Change) {
        const out = yield* linkOut(fs, paths, folder, change.path, change.through)
        if (out !== undefined) return yield* refusal(change, out)
        yield* check(change)
      })

      yield* makeFolderSynced(fs, paths.dirname, folder)
      // Never in another's place: a holder that was stopped between looking and writing lays down the lower one, and is refused.
      const own = paths.join(folder, tokenFile(token))
      if (!(yield* tokens).includes(token)) yield* fs.writeFile(own, new Uint8Array(), { flag: "wx" })
      yield* check({ method: "open", path: own, through: false })
      const lower = (yield* tokens).filter((found) => found < token)
      yield* Effect.forEach(lower, (found) => Effect.ignore(fs.remove(paths.join(folder, tokenFile(found)))))
      return guardedFileSystem(fs, permit)
    })
  )
