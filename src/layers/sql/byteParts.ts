import * as Effect from "effect/Effect"
import type { SqlError } from "effect/sql/SqlError"

/** Databases and their clients limit what one value may hold; a part is well below. */
const PART_BYTES = 2 ** 20

/** Does something with each part of a file, in order: at least one, which may be empty. */
export const eachPart = (
  bytes: Uint8Array,
  insert: (part: number, content: Uint8Array) => Effect.Effect<unknown, SqlError>
): Effect.Effect<void, SqlError> =>
  Effect.forEach(
    Array.from({ length: Math.max(1, Math.ceil(bytes.length / PART_BYTES)) }, (_, part) => part),
    (part) => insert(part, bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES)),
    { discard: true }
  )

/** The file that was put down in parts; a copy, the caller's own. (Node's SQLite makes a NULL of an empty part.) */
export const joinedParts = (parts: ReadonlyArray<Uint8Array | null>): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0))
  let at = 0
  for (const part of parts) {
    if (part === null) continue
    whole.set(part, at)
    at += part.length
  }
  return whole
}
