import { constants, setPriority } from "node:os"
import * as Effect from "effect/Effect"

/** Leaves this process the time that others do not want, where the system lets it. */
export const lowPriority: Effect.Effect<void> = Effect.ignore(
  Effect.try({ try: () => setPriority(constants.priority.PRIORITY_BELOW_NORMAL), catch: (cause) => cause })
)
