import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"

/** Files that are read and decoded at the same time. */
export const decodingConcurrency = 8

const turns = Semaphore.makeUnsafe(decodingConcurrency)

/**
 * What sharp makes of a file; `work` may be done twice. Fails with the decoder's words. The decoder (libvips) keeps the words of all
 * threads in one place, from which one file's are lost or taken for another's: what fails is done again by itself, for its own.
 */
export const askDecoder = <A>(work: () => Promise<A>): Effect.Effect<A, string> =>
  Effect.tryPromise({ try: work, catch: decoderWords }).pipe(
    turns.withPermits(1),
    Effect.catch(() => turns.withPermits(decodingConcurrency)(Effect.tryPromise({ try: work, catch: decoderWords })))
  )

/** Why the decoder refuses a file, on one line and each reason once. */
const decoderWords = (cause: unknown): string => {
  const lines = (cause instanceof Error ? cause.message : String(cause))
    .split("\n")
    .map((line) =>
      line.replace(/^Input buffer has corrupt header:|^Warning treated as error due to failOn setting/, "")
    )
    .map((line) => line.replace(/^\s*(Vips(Jpeg|Png)|vipspng|tiff2vips|source):/i, "").trim())
    .filter((line) => line !== "")
  return [...new Set(lines)].slice(0, 3).join("; ").slice(0, 300) || "its decoder does not say why"
}
