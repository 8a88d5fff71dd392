import { randomBytes } from "node:crypto"
import * as Effect from "effect/Effect"

/** A token that nobody guesses: 24 bytes of the system's, as letters that an address may hold. */
export const newToken: Effect.Effect<string> = Effect.sync(() => randomBytes(24).toString("base64url"))
