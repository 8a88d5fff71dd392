import { createHash } from "node:crypto"

/** SHA-256 of the parts, one behind the other, as 64 lower-case hexadecimal digits; of a text, that of its UTF-8 bytes. */
export const sha256 = (...parts: ReadonlyArray<string | Uint8Array>): string => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest("hex")
}
