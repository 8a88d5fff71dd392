import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { ChildProcess } from "effect/process"
import * as Stream from "effect/Stream"

/** How long the page may take to be there; longer only on a machine that is very busy. */
const startSeconds = 60

const isSource = import.meta.url.endsWith(".ts")
const main = new URL(`../main.${isSource ? "ts" : "js"}`, import.meta.url)

/**
 * Serves the page of one run in a process of its own, of low priority, as long as the scope; `announce` is given its address when it can be
 * opened. What goes wrong with it is a warning to Effect's logger, and the run goes on without it.
 */
export const watchBeside = Effect.fn("watchBeside")(function* <R>(
  folder: string,
  announce: (address: string) => Effect.Effect<void, never, R>
) {
  const lost = (why: string) =>
    Effect.logWarning(`The page of this run is not there: ${why}. The run goes on without it.`)
  const started = Effect.gen(function* () {
    const paths = yield* Path.Path
    const child = yield* ChildProcess.make(
      process.execPath,
      [...process.execArgv, yield* paths.fromFileUrl(main), "watch", folder, "--port", "0", "--low-priority"],
      { stdin: "ignore", stderr: "inherit", forceKillAfter: "2 seconds" }
    )
    const address = yield* child.stdout.pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.map((line) => / (http:\/\/\S+) /.exec(line)?.[1]),
      Stream.filter((found) => found !== undefined),
      Stream.runHead,
      Effect.timeoutOption(`${startSeconds} seconds`)
    )
    yield* Option.match(Option.flatten(address), {
      onNone: () => lost("its process gave no address"),
      onSome: announce
    })
  }).pipe(Effect.catch((error) => lost(error.message)))
  // The engine loads meanwhile.
  yield* Effect.forkScoped(started)
})
