import * as Result from "effect/Result"
import { decodeManifest, type Manifest, ManifestError } from "./Manifest.ts"

/** The digest of a text's UTF-8 bytes as 64 lower-case hexadecimal digits (SHA-256 in the stores). */
export type DigestOfText = (text: string) => string

const SEAL = /,\n {2}"seal": "([0-9a-f]{64})"\n\}\n$/

/**
 * The text of a `manifest.json`: readable JSON whose last field, `seal`, is the digest of all text before it. So every
 * changed byte is noticed, without a canonical form of JSON that writer and reader would have to agree on.
 * The price, on purpose: a manifest that was edited or reformatted by hand is refused.
 */
export const sealManifest = (manifest: Manifest, digestOf: DigestOfText): string => {
  const body = JSON.stringify(manifest, null, 2).slice(0, -"\n}".length)
  return `${body},\n  "seal": "${digestOf(body)}"\n}\n`
}

/**
 * Reads what `sealManifest` wrote. The seal is checked before anything else is believed, so a text that passes it but
 * has another `format` really is from another version (`Incompatible`) and not damaged.
 */
export const openManifest = (text: string, digestOf: DigestOfText): Result.Result<Manifest, ManifestError> => {
  const seal = SEAL.exec(text)
  if (seal === null) return damaged("a seal at the end of the text", "none")
  const body = text.slice(0, seal.index)
  const digest = digestOf(body)
  if (seal[1] !== digest) return damaged(`a text of digest ${seal[1]}`, digest)
  let content: unknown
  try {
    content = JSON.parse(`${body}\n}`)
  } catch (error) {
    return damaged("JSON", error instanceof Error ? error.message : String(error))
  }
  return decodeManifest(content)
}

const damaged = (expected: string, found: string) =>
  Result.fail(new ManifestError({ reason: "Damaged", expected, found }))
