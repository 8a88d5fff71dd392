import { builtinModule } from "../machine/builtinModule.ts"

const nodes = builtinModule("node:crypto")

/** Whether `sha256` is to be had: browsers compute digests only asynchronously. */
export const hasSha256 = nodes !== undefined

/** SHA-256 of the parts, one behind the other, as 64 lower-case hexadecimal digits; of a text, that of its UTF-8 bytes. Throws in a browser. */
export const sha256 = (...parts: ReadonlyArray<string | Uint8Array>): string => {
  if (nodes === undefined) throw new Error("internal: there is no SHA-256 here")
  const hash = nodes.createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash.digest("hex")
}
