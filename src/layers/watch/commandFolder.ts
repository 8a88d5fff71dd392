import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import { commandFrom } from "../../domain/watch/Command.ts"
import { explain, makeFolderSynced } from "../file/atomicWrite.ts"
import { readBounded } from "../file/readBounded.ts"
import { commandsName, noOrders, RunCommands } from "./RunCommands.ts"

/** A command takes less than a hundred bytes; those that are taken at a time. */
const [mostBytes, mostTaken] = [4096, 20]

/**
 * Commands as files in the folder `commands` of a run's folder, where `fovea watch` puts them: whoever may write there may give them. What was
 * put there before is forgotten, and the folder is removed at the end. What cannot be read or is no command is removed, with a warning
 * to Effect's logger.
 */
export const layerRunCommands = (runFolder: string) =>
  Layer.effect(
    RunCommands,
    Effect.gen(function* () {
      const [fs, { dirname, join }] = [yield* FileSystem.FileSystem, yield* Path.Path]
      const folder = join(runFolder, commandsName)
      const remove = fs.remove(folder, { recursive: true, force: true })
      yield* remove
      yield* makeFolderSynced(fs, dirname, folder)
      yield* Effect.addFinalizer(() => Effect.ignore(remove))

      const read = Effect.fnUntraced(function* (name: string) {
        const path = join(folder, name)
        const told = yield* readBounded(fs, path, mostBytes, { links: "refused" }).pipe(
          Effect.map((bytes) => commandFrom(new TextDecoder().decode(bytes))),
          Effect.catch((error) => Effect.succeed(Result.fail(explain(error))))
        )
        // Before it is obeyed: what cannot be removed would be obeyed again and again.
        const removed = yield* Effect.result(fs.remove(path, { recursive: true }))
        if (Result.isSuccess(told) && Result.isSuccess(removed)) return [told.success]
        const problem = Result.isFailure(told) ? told.failure : "it cannot be removed"
        yield* Effect.logWarning(`${path} is not obeyed: ${problem}`)
        return []
      })
      const take = Effect.gen(function* () {
        const names = yield* Effect.orElseSucceed(fs.readDirectory(folder), (): Array<string> => [])
        const whole = names.filter((name) => name.endsWith(".json") && !name.startsWith("."))
        return (yield* Effect.forEach(whole.toSorted().slice(0, mostTaken), read)).flat()
      })
      return { take, orders: noOrders() }
    })
  )
