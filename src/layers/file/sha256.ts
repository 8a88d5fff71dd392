import { createHash } from "node:crypto"

/** SHA-256 as 64 lower-case hexadecimal digits; of a text, that of its UTF-8 bytes. */
export const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex")
