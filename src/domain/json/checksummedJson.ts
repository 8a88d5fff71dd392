import * as Result from "effect/Result"
import { parseJson } from "./parseJson.ts"

/** The digest of a text's UTF-8 bytes as 64 lower-case hexadecimal digits (SHA-256 wherever files are read and written). */
export type DigestOfText = (text: string) => string

/** Why a sealed text cannot be used: it is not what was written. */
export interface BrokenSeal {
  readonly expected: string
  readonly found: string
}

const SEAL = /,\n {2}"seal": "([0-9a-f]{64})"\n\}\n$/

/** The length of what `SEAL` matches: looked for at the end only, so that a long text costs no more than a short one. */
const SEAL_CHARACTERS = 81

/**
 * The text of a JSON file: readable JSON whose last field, `seal`, is the digest of all text before it. So every
 * changed byte is noticed, without a canonical form of JSON that writer and reader would have to agree on.
 * The price, on purpose: a file that was edited or reformatted by hand is refused. `json` is an object that is not empty.
 */
export const sealJson = (json: unknown, digestOf: DigestOfText): string => {
  const body = JSON.stringify(json, null, 2).slice(0, -"\n}".length)
  return `${body},\n  "seal": "${digestOf(body)}"\n}\n`
}

/** Reads what `sealJson` wrote, without the seal, which is checked before anything else is believed. */
export const openSealedJson = (text: string, digestOf: DigestOfText): Result.Result<unknown, BrokenSeal> => {
  const start = Math.max(0, text.length - SEAL_CHARACTERS)
  const seal = SEAL.exec(text.slice(start))
  if (seal === null) return Result.fail({ expected: "a seal at the end of the text", found: "none" })
  const body = text.slice(0, start + seal.index)
  const digest = digestOf(body)
  if (seal[1] !== digest) return Result.fail({ expected: `a text of digest ${seal[1]}`, found: digest })
  return Result.mapError(parseJson(`${body}\n}`), (found) => ({ expected: "JSON", found }))
}
