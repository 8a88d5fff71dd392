import * as Effect from "effect/Effect"
import { type EngineName, engineNames } from "./engineNames.ts"
import { examineEngine } from "./examineEngine.ts"

// The process that `probeEngine` starts: examines the engine that its arguments name, sends what it found, and ends.
const [given, timed] = process.argv.slice(2)
const name = engineNames.find((known): known is EngineName => known === given)
if (name !== undefined && process.send !== undefined) {
  const presence = await Effect.runPromise(examineEngine(name, timed === "timed"))
  process.send(presence, () => process.exit(0))
}
