import * as Console from "effect/Console"
import { Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { resultsAreFiles } from "../../layers/process/standardStreams.ts"
import { lessonDocument } from "../lesson/lessonDocument.ts"
import { wholeNumber } from "./flags.ts"
import { filePath } from "./paths.ts"
import { asUserError } from "./userError.ts"

// A server of HTTP is loaded by the commands that serve alone.
const pageServer = Effect.promise(() => import("../../layers/page/pageServer.ts"))
const httpServer = Effect.promise(() => import("../../layers/watch/httpServer.ts"))

/** Where the page is, unless it is asked for elsewhere or another program is there. */
const usualPort = 7118

/** `fovea lesson`: a page that trains small adversarial nets in the browser, served or written to a file. */
export const lessonCommand = Command.make(
  "lesson",
  {
    out: filePath("out").pipe(
      Flag.withDescription("write the page to this file instead of serving it; it runs from there"),
      Flag.optional
    ),
    port: wholeNumber("port", 0, 65_535).pipe(
      Flag.withDescription(
        `the port of 127.0.0.1 to listen at; 0 for any that is free (default: ${usualPort}, or any if that is taken)`
      ),
      Flag.optional
    )
  },
  ({ out, port }) =>
    Effect.gen(function* () {
      yield* resultsAreFiles
      const html = yield* lessonDocument
      if (Option.isSome(out)) {
        yield* writeFileAtomically(out.value, new TextEncoder().encode(html))
        return yield* Console.log(terminalTable([out.value]))
      }
      const at = (number: number) => serve(html, number)
      yield* Option.match(port, {
        onNone: () => Effect.catchTag(at(usualPort), "ListenError", () => at(0)),
        onSome: at
      })
    }).pipe(asUserError)
).pipe(
  Command.withDescription(
    "Serve a page on which two small adversarial nets learn in the browser: points in the plane, and digits by attention."
  )
)

const serve = Effect.fnUntraced(function* (html: string, port: number) {
  const { layerHttpServer, listeningPort } = yield* httpServer
  const { layerPageServer } = yield* pageServer
  const server = layerPageServer(html).pipe(Layer.provideMerge(layerHttpServer({ host: "127.0.0.1", port })))
  return yield* Effect.gen(function* () {
    yield* Console.log(`The lesson is at http://127.0.0.1:${yield* listeningPort}/ until Ctrl-C.`)
    return yield* Effect.never
  }).pipe(Effect.provide(server, { local: true }))
})
