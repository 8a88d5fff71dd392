import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { askedBy, ownHosts, refusalOf } from "../watch/guard.ts"
import { listeningPort } from "../watch/httpServer.ts"

/** The page's own policy says what it may load; nobody frames it or guesses at its type. */
const headers = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "frame-ancestors 'none'",
  "cache-control": "no-store"
}

/** Serves one HTML page that needs nothing else at the `HttpServer`, to this machine alone: other sites and names are refused. */
export const layerPageServer = (html: string) => {
  const page = HttpServerResponse.text(html, { contentType: "text/html; charset=utf-8" })
  const guarded = (port: number) =>
    HttpRouter.middleware(
      (answer) =>
        Effect.gen(function* () {
          const asked = askedBy(yield* HttpServerRequest, undefined)
          const refusal = refusalOf({ hosts: ownHosts(port, "127.0.0.1"), token: undefined }, asked)
          const answered =
            refusal === undefined ? yield* answer : HttpServerResponse.text(refusal.problem, { status: refusal.status })
          return HttpServerResponse.setHeaders(answered, headers)
        }),
      { global: true }
    )
  const app = Layer.unwrap(
    Effect.map(listeningPort, (port) =>
      Layer.merge(HttpRouter.addAll([HttpRouter.route("GET", "/", page)]), guarded(port))
    )
  )
  return HttpRouter.serve(app, { disableLogger: true, disableListenLog: true })
}
