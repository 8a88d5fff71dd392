import * as Console from "effect/Console"
import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { terminalText } from "../../domain/text/terminalText.ts"
import { lowPriority } from "../../layers/machine/thisProcess.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { wholeNumber } from "./flags.ts"
import { pathArgument } from "./paths.ts"
import { asUserError } from "./userError.ts"

// A server of HTTP is loaded by the commands that serve alone.
const watching = Effect.promise(() => import("../watch/watchRuns.ts"))

/** Where the page is, unless it is asked for elsewhere or another program is there. */
const usualPort = 7117

/** `fovea watch`. */
export const watchCommand = Command.make(
  "watch",
  {
    watched: pathArgument("runs").pipe(
      Argument.withDescription(
        "a run, a folder with runs below it (a reproduction, say), or the store of a sweep: sqlite:FILE, postgres://USER@HOST/DATABASE (default: runs)"
      ),
      Argument.withDefault("runs")
    ),
    port: wholeNumber("port", 0, 65_535).pipe(
      Flag.withDescription(
        `the port to listen at; 0 for any that is free (default: ${usualPort}, or any if that is taken)`
      ),
      Flag.optional
    ),
    host: Flag.String("host").pipe(
      Flag.withDescription(
        "the address of this machine to listen at; any but 127.0.0.1 (default) lets other machines in, with the token that is printed"
      ),
      Flag.withDefault("127.0.0.1")
    ),
    lowPriority: Flag.Boolean("low-priority").pipe(
      Flag.withDescription("take only the time of this machine that other programs leave: train --watch asks for it"),
      Flag.withDefault(false)
    )
  },
  ({ watched, port, host, lowPriority: isLow }) => {
    // Not before: what other programs leave may be little, and somebody waits for the address.
    const announce = (address: string) =>
      Effect.andThen(
        Console.log(`Watching ${terminalText(watched)} at ${address} until Ctrl-C.`),
        isLow ? lowPriority : Effect.void
      )
    const at = (number: number) =>
      Effect.flatMap(watching, ({ watchRuns }) => watchRuns({ watched, host, port: number }, announce))
    return resultsAreFiles.pipe(
      Effect.andThen(
        Option.match(port, {
          onNone: () => Effect.catchTag(at(usualPort), "ListenError", () => at(0)),
          onSome: at
        })
      ),
      asUserError
    )
  }
).pipe(
  Command.withDescription(
    "Serve a page that shows runs as they learn, side by side: curves, images over updates, settings, warnings, notes."
  )
)
