import * as ByteSize from "effect/ByteSize"
import * as Effect from "effect/Effect"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { commandFrom } from "../../domain/watch/Command.ts"
import { askedBy, type Guard, ownHosts, refusalOf } from "./guard.ts"
import { listeningPort } from "./httpServer.ts"
import { newsOf } from "./newsOf.ts"
import type { RunFileError } from "./runFiles.ts"
import { mostNotesBytes } from "./runFiles.ts"
import { type UnknownRunError, WatchedRuns } from "./WatchedRuns.ts"

/** What the page is made of; it never changes while the server runs. */
export interface PageFiles {
  readonly html: string
  readonly style: string
  /** Made once: from source it takes some seconds. */
  readonly script: Effect.Effect<string>
}

/** Notes as JSON take up to six times their bytes. */
const mostBodyBytes = 6 * mostNotesBytes + 2

/** Pages that are kept up to date at the same time. */
const mostFollowers = 64

/** Name of the cookie with a server's token. Browsers give all servers of a host the same cookies, whatever their port. */
const cookieOf = (port: number): string => `fovea-watch-${port}`

/** Nothing is loaded from elsewhere, nothing runs that is not a file of this server, and nobody frames the page. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store"
}

/** The address of an image says after how many updates it was drawn: on the slider it is not asked for again each time. */
const briefly = "private, max-age=600"

const withHeaders = (answer: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.setHeaders(answer, { ...headers, ...answer.headers })

/** Whoever asks may write anything for an address. */
const addressOf = (url: string): URL | undefined => {
  const base = "http://localhost"
  return URL.canParse(url, base) ? new URL(url, base) : undefined
}

const refused = (status: number, problem: string) => HttpServerResponse.jsonUnsafe({ problem }, { status })

/**
 * The routes of the page that follows runs: the page, the list of runs as server-sent events, and a run's course, details, images,
 * notes and commands. All of them pass the guard; who comes with the token in the address keeps it in the cookie.
 */
export const watchRoutes = (
  page: PageFiles,
  guard: Guard,
  cookie: string
): Layer.Layer<never, never, HttpRouter.HttpRouter | WatchedRuns> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const runs = yield* WatchedRuns
      const state = { followers: 0 }

      const asked = Effect.map(HttpServerRequest, ({ url }) => addressOf(url)?.searchParams ?? new URLSearchParams())
      const named = (
        answer: (
          id: string,
          parameters: URLSearchParams
        ) => Effect.Effect<HttpServerResponse.HttpServerResponse, UnknownRunError | RunFileError, HttpServerRequest>
      ) =>
        Effect.flatMap(asked, (parameters) => answer(parameters.get("run") ?? "", parameters)).pipe(
          Effect.catchTag("UnknownRunError", ({ message }) => Effect.succeed(refused(404, message))),
          Effect.catchTag("RunFileError", ({ message }) => Effect.succeed(refused(422, message)))
        )
      const bodyText: Effect.Effect<Result.Result<string, string>, never, HttpServerRequest> = Effect.gen(function* () {
        const request = yield* HttpServerRequest
        // Another site's page can send a form without asking first, but no JSON.
        if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) return Result.fail("expected JSON")
        const body = yield* Effect.result(request.text)
        return Result.mapError(body, () => `expected JSON of at most ${mostBodyBytes} bytes`)
      }).pipe(Effect.provideService(HttpIncomingMessage.MaxBodySize, ByteSize.bytes(mostBodyBytes)))

      const text = (body: string, contentType: string) => HttpServerResponse.text(body, { contentType })
      const routes = [
        HttpRouter.route("GET", "/", text(page.html, "text/html; charset=utf-8")),
        HttpRouter.route("GET", "/style.css", text(page.style, "text/css; charset=utf-8")),
        HttpRouter.route(
          "GET",
          "/script.js",
          Effect.map(page.script, (script) => text(script, "text/javascript; charset=utf-8"))
        ),
        HttpRouter.route(
          "GET",
          "/api/events",
          Effect.sync(() =>
            state.followers >= mostFollowers
              ? refused(503, `${mostFollowers} pages follow these runs already: close one of them`)
              : HttpServerResponse.stream(newsOf(runs, state), { contentType: "text/event-stream" })
          )
        ),
        HttpRouter.route(
          "GET",
          "/api/course",
          named((id, parameters) =>
            Effect.map(runs.course(id, Math.min(Math.max(Number(parameters.get("most")) || 300, 2), 1000)), (course) =>
              HttpServerResponse.jsonUnsafe(course)
            )
          )
        ),
        HttpRouter.route(
          "GET",
          "/api/details",
          named((id) => Effect.map(runs.details(id), (it) => HttpServerResponse.jsonUnsafe(it)))
        ),
        HttpRouter.route(
          "GET",
          "/api/image",
          named((id, parameters) =>
            Effect.map(runs.image(id, parameters.get("file") ?? ""), ({ bytes, mediaType }) =>
              HttpServerResponse.uint8Array(bytes, { contentType: mediaType, headers: { "cache-control": briefly } })
            )
          )
        ),
        HttpRouter.route(
          "POST",
          "/api/notes",
          named((id) =>
            Effect.gen(function* () {
              const notes = Result.flatMap(yield* bodyText, notesFrom)
              if (Result.isFailure(notes)) return refused(400, notes.failure)
              yield* runs.saveNotes(id, notes.success)
              return HttpServerResponse.jsonUnsafe({})
            })
          )
        ),
        HttpRouter.route(
          "POST",
          "/api/command",
          named((id) =>
            Effect.gen(function* () {
              const command = Result.flatMap(yield* bodyText, commandFrom)
              if (Result.isFailure(command)) return refused(400, command.failure)
              yield* runs.command(id, command.success)
              return HttpServerResponse.jsonUnsafe({})
            })
          )
        )
      ]
      return Layer.merge(HttpRouter.addAll(routes), guarded(guard, cookie))
    })
  )

const decodeNotes = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.String))

/** The notes in a request's body: a text as JSON. */
const notesFrom = (body: string): Result.Result<string, string> =>
  Result.mapError(decodeNotes(body), () => "expected notes as a text in JSON")

/** Refuses what the guard refuses, moves a token from the address into a cookie, and adds the headers of every answer. */
const guarded = (guard: Guard, cookie: string) =>
  HttpRouter.middleware(
    (answer) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest
        const url = addressOf(request.url)
        if (url === undefined) return withHeaders(refused(400, "not an address of this server"))
        const given = url.searchParams.get("token")
        const refusal = refusalOf(guard, askedBy(request, given ?? request.cookies[cookie]))
        if (refusal !== undefined) return withHeaders(refused(refusal.status, refusal.problem))
        if (guard.token !== undefined && given !== null && url.pathname === "/") {
          return HttpServerResponse.redirect("/", { status: 303 }).pipe(
            HttpServerResponse.setCookieUnsafe(cookie, guard.token, { httpOnly: true, sameSite: "strict", path: "/" }),
            withHeaders
          )
        }
        return withHeaders(yield* answer)
      }),
    { global: true }
  )

/**
 * Serves the page at the `HttpServer`: to this machine alone without a token, to whoever has it with one. Nothing is logged: an address
 * may hold the token.
 */
export const layerWatchServer = (
  page: PageFiles,
  { host, token }: { readonly host: string; readonly token: string | undefined }
) => {
  const app = Layer.unwrap(
    Effect.map(listeningPort, (port) => watchRoutes(page, { hosts: ownHosts(port, host), token }, cookieOf(port)))
  )
  return HttpRouter.serve(app, { disableLogger: true, disableListenLog: true })
}
