import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import * as Effect from "effect/Effect"

/** What a server answers to. */
export interface Guard {
  /** Names by which this machine reaches itself, each with the port; any name will do if there is a token. */
  readonly hosts: ReadonlyArray<string>
  /** What whoever asks must know; nothing where only this machine can ask. */
  readonly token: string | undefined
}

/** What a request says of where it comes from. */
export interface Asked {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which every browser of today sends and no page can change. */
  readonly site: string | undefined
  readonly mode: string | undefined
  /** From the cookie, or the address. */
  readonly token: string | undefined
}

/** What a request's own headers say; `token` is where its server keeps it. */
export const askedBy = (
  { method, headers }: { readonly method: string; readonly headers: Readonly<Record<string, string | undefined>> },
  token: string | undefined
): Asked => ({
  method,
  host: headers["host"],
  origin: headers["origin"],
  site: headers["sec-fetch-site"],
  mode: headers["sec-fetch-mode"],
  token
})

/** Names by which this machine reaches itself, and that of the address which is listened at. */
export const ownHosts = (port: number, address: string): ReadonlyArray<string> =>
  [...new Set(["127.0.0.1", "localhost", "[::1]", address.includes(":") ? `[${address}]` : address])].flatMap(
    (name) => [`${name}:${port}`, ...(port === 80 ? [name] : [])]
  )

/**
 * Why a request is refused, or `undefined`. Another site's page may neither read nor change anything here: not by a request
 * of its own (`Origin`, `Sec-Fetch-Site`), nor under a name of its own that leads here (`Host`, against DNS rebinding).
 * A link that somebody follows to the page itself is answered.
 */
export const refusalOf = (
  { hosts, token }: Guard,
  asked: Asked
): { readonly status: 401 | 403; readonly problem: string } | undefined => {
  const { host, origin, site } = asked
  if (host === undefined || (token === undefined && !hosts.includes(host.toLowerCase()))) {
    return { status: 403, problem: "not the name that this server answers to" }
  }
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return { status: 403, problem: "not from a page of this server" }
  }
  const isLink = asked.method === "GET" && asked.mode === "navigate"
  if (site !== undefined && site !== "same-origin" && site !== "none" && !isLink) {
    return { status: 403, problem: "not from a page of this server" }
  }
  if (token !== undefined && !sameSecret(asked.token ?? "", token)) {
    return { status: 401, problem: "the address that fovea watch printed has the token that is asked for" }
  }
  return undefined
}

/** Takes as long whatever the two have in common: digests of one length are compared. */
export const sameSecret = (given: string, wanted: string): boolean => {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

/** A token that nobody guesses: 24 bytes of the system's, as letters that an address may hold. */
export const newToken: Effect.Effect<string> = Effect.sync(() => randomBytes(24).toString("base64url"))
