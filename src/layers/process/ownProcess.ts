import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"

/** Set for a worker that was started by another command: it ends when that does, however that came. */
const parentVariable = "FOVEA_PARENT"

/** This program once more, with other arguments and the same environment: its output is this process's. It ends with the scope. */
export const ownProcess = (args: ReadonlyArray<string>) =>
  ChildProcess.make(process.execPath, [...process.execArgv, process.argv[1] ?? "", ...args], {
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    env: { [parentVariable]: String(process.pid) },
    extendEnv: true
  })

/** How often a worker looks whether the command that started it is still there. */
const look = Duration.seconds(1)

/** Waits until the command that started this process is gone; for ever, if none did. */
export const parentGone: Effect.Effect<void> = Effect.suspend(() => {
  const parent = process.env[parentVariable]
  if (parent === undefined || parent === "") return Effect.never
  const check: Effect.Effect<void> = Effect.suspend(() =>
    String(process.ppid) === parent ? Effect.andThen(Effect.sleep(look), check) : Effect.void
  )
  return check
})
