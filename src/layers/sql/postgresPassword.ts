import { homedir } from "node:os"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { explain } from "../file/atomicWrite.ts"
import { MAX_SETTINGS_BYTES, readBoundedText } from "../file/readBounded.ts"
import { QueueError } from "../queue/queueErrors.ts"

/** Where a database is, without its password. */
export interface PostgresPlace {
  /** For messages. */
  readonly location: string
  readonly url: Redacted.Redacted
  readonly host: string
  readonly port: number
  readonly database: string
  readonly username: string
}

/**
 * Reads an address. Fails for what is none, without repeating it, and for one that holds a password: an address is seen in
 * lists of processes, plans and logs.
 */
export const placeOf = (url: string): Effect.Effect<PostgresPlace, QueueError> =>
  Effect.gen(function* () {
    const parsed = URL.canParse(url) ? new URL(url) : undefined
    const refused = (detail: string, store = "postgres") => new QueueError({ store, action: "be opened", detail })
    const none = refused("the address must be postgres://USER@HOST:PORT/DATABASE")
    if (parsed === undefined || !/^postgres(ql)?:\/\//.test(url)) return yield* none
    // Where a password holds one of these, the address ends there, and the rest of it would be repeated as a database.
    if (parsed.hash !== "" || /@/.test(`${parsed.pathname}${parsed.search}`)) {
      return yield* refused(
        "its address has / ? # or @ within its user or a password. Write them as %2F, %3F, %23 and %40, and leave a password out: set PGPASSWORD or name a file in PGPASSFILE"
      )
    }
    const [decodedHost, decodedUser, decodedPath] = yield* Effect.try({
      try: () => [parsed.hostname, parsed.username, parsed.pathname.slice(1)].map((part) => decodeURIComponent(part)),
      catch: () => none
    })
    const at = parsed.searchParams
    const host = decodedHost || at.get("host") || "localhost"
    const port = Number(parsed.port || at.get("port") || 5432)
    const username = decodedUser || at.get("user") || process.env["PGUSER"] || process.env["USER"]
    const database = decodedPath || at.get("dbname") || username || "postgres"
    const who = username === undefined ? "" : `${username}@`
    const location = `postgres://${who}${host}:${port}/${database}`
    if (parsed.password !== "" || [...at.keys()].some((key) => /^pass(word)?$/i.test(key))) {
      return yield* refused(
        "its address holds a password, which others could read. Leave it out, and set PGPASSWORD or name a file in PGPASSFILE",
        location
      )
    }
    if (username === undefined) {
      return yield* refused("it names no user: postgres://USER@HOST:PORT/DATABASE, or set PGUSER", location)
    }
    return { location, url: Redacted.make(url), host, port, database, username }
  })

/** The password for a database as Postgres' own programs find it: `PGPASSWORD`, or `PGPASSFILE`, or `~/.pgpass`. */
export const passwordFor = Effect.fnUntraced(function* (
  place: PostgresPlace
): Effect.fn.Return<Redacted.Redacted | undefined, QueueError, FileSystem.FileSystem> {
  const given = process.env["PGPASSWORD"]
  if (given !== undefined && given !== "") return Redacted.make(given)
  const fs = yield* FileSystem.FileSystem
  const named = process.env["PGPASSFILE"]
  const file = named ?? `${homedir()}/.pgpass`
  const failed = (detail: string) =>
    new QueueError({ store: place.location, action: "be opened", detail: `its password file ${file} ${detail}` })
  const found = yield* Effect.option(fs.stat(file))
  if (Option.isNone(found)) {
    if (named !== undefined) return yield* failed("cannot be found")
    return undefined
  }
  if (process.platform !== "win32" && (found.value.mode & 0o077) !== 0) {
    return yield* failed(`may be read by others: chmod 600 ${file}`)
  }
  const text = yield* Effect.mapError(readBoundedText(fs, file, MAX_SETTINGS_BYTES), (error) =>
    failed(`cannot be read: ${explain(error)}`)
  )
  const password = passwordIn(text, place)
  return password === undefined ? undefined : Redacted.make(password)
})

/** The password of the first line `host:port:database:user:password` that fits; `*` fits all, and a backslash hides a colon. */
export const passwordIn = (text: string, place: PostgresPlace): string | undefined => {
  const wanted = [place.host, String(place.port), place.database, place.username]
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue
    const fields = [...line.matchAll(/((?:\\.|[^:\\])*)(?::|$)/g)].map(([, field = ""]) =>
      field.replaceAll(/\\(.)/g, "$1")
    )
    const [host, port, database, user, password] = fields
    const fits = [host, port, database, user].every((field, index) => field === "*" || field === wanted[index])
    if (fits && password !== undefined) return password
  }
  return undefined
}
