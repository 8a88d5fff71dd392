import { SqlError } from "effect/sql/SqlError"

/** What a database refused or could not do, as far as whoever waits for it must know. */
export interface Trouble {
  /**
   * `busy`: another transaction was in the way, or the statement must be repeated. `away`: the database cannot be reached, has no
   * connection or no space left; it may come back. `refused`: it will say the same again.
   */
  readonly kind: "busy" | "away" | "refused"
  readonly detail: string
}

/** Of Postgres: connection lost, resources exhausted (disk, memory, connections), shutting down or starting, a disk's error. */
const AWAY_STATES = /^(08...|53...|57P0[1-5]|58...|25P0[34]|25006)$/
/** Serialization, deadlock, a lock or a statement that took too long. */
const BUSY_STATES = /^(40001|40P01|55P03|57014)$/

/** Of SQLite, by the low byte of its result codes: busy, locked; no memory, input and output, disk full, cannot be opened, read only. */
const BUSY_RESULTS = new Set([5, 6])
const AWAY_RESULTS = new Set([7, 10, 13])

/** Of the operating system, on the way to the database. */
const AWAY_ERRORS =
  /^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NETDOWN|ADDRNOTAVAIL|AI_AGAIN|NOENT)$/

/** Sorts what a database failed with by what can be done about it. */
export const troubleOf = ({ reason }: SqlError): Trouble => {
  const cause = innermost(reason.cause)
  const detail = explainCause(cause, reason.message)
  const code = fieldOf(cause, "code")
  const result = fieldOf(cause, "errcode")
  if (typeof result === "number") {
    const low = result & 0xff
    return { kind: BUSY_RESULTS.has(low) ? "busy" : AWAY_RESULTS.has(low) ? "away" : "refused", detail }
  }
  if (typeof code === "string") {
    if (BUSY_STATES.test(code)) return { kind: "busy", detail }
    if (AWAY_STATES.test(code) || AWAY_ERRORS.test(code)) return { kind: "away", detail }
    if (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E")) return { kind: "refused", detail }
  }
  const lost = reason._tag === "ConnectionError" && !/^Invalid|Unsupported|Unrecognized|does not support/.test(detail)
  return { kind: lost ? "away" : reason.isRetryable ? "busy" : "refused", detail }
}

/** Errors within errors: of connections to several addresses of one host, and of the client's own. */
const innermost = (cause: unknown): unknown => {
  if (cause instanceof SqlError) return innermost(cause.reason.cause)
  if (cause instanceof AggregateError && cause.errors.length > 0) return innermost(cause.errors[0])
  return cause
}

const explainCause = (cause: unknown, message: string): string => {
  const said = cause instanceof Error && cause.message !== "" ? cause.message : message
  // The client's own words, when it was given none.
  if (said === "The server requested password authentication") {
    return "it asks for a password: set PGPASSWORD, or name a file in PGPASSFILE"
  }
  const hint = fieldOf(cause, "errstr")
  return typeof hint === "string" && hint !== said ? `${said} (${hint})` : said
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
