import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import { LockTimes } from "../../src/layers/lock/LockOwner.ts"
import { ThisProcess } from "../../src/layers/machine/thisProcess.ts"
import { runProcess } from "../../src/layers/process/runProcess.ts"
import { runFoveaWith } from "../../src/programs/cli/fovea.ts"

/**
 * The command line as a process that believes to be on a machine of its own (the first argument), where a holder counts as dead
 * after so many milliseconds (the second) instead of a minute. The others are its arguments.
 */
const [host = "", silence = "", ...args] = process.argv.slice(2)

Effect.gen(function* () {
  const self = yield* ThisProcess
  return yield* Effect.provideService(runFoveaWith(args), ThisProcess, { ...self, host, space: host })
}).pipe(
  Effect.provideService(LockTimes, {
    beat: Duration.millis(Number(silence) / 6),
    silence: Duration.millis(Number(silence))
  }),
  Effect.provide(NodeServices.layer),
  Effect.provideService(References.LogToStderr, true),
  runProcess
)
