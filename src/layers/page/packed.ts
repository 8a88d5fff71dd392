import { promisify } from "node:util"
import { constants, gzip } from "node:zlib"
import * as Effect from "effect/Effect"

const compress = promisify(gzip)

/** Bytes as a text that is in a page: compressed by gzip, in base 64. */
export const packedText = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.promise(async () => (await compress(bytes, { level: constants.Z_BEST_COMPRESSION })).toString("base64"))
