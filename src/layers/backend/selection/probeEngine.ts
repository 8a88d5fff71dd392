import { fork } from "node:child_process"
import { extname } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { EngineStatus } from "./EngineStatus.ts"
import { type EngineName, engineVersion } from "./engineNames.ts"

/** How an engine is probed. */
export interface ProbeOptions {
  /** Whether to run the yardstick as well. */
  readonly timed: boolean
  /** How long it may take altogether. */
  readonly limitSeconds: number
  /** The process's main file, in place of the real one: for tests. */
  readonly file?: string
}

// The sources are TypeScript, the package's files JavaScript.
const ownFile = fileURLToPath(new URL(`./probeProcess${extname(import.meta.url)}`, import.meta.url))

/**
 * Finds out about an engine in a process of its own, so that native code that crashes or hangs is one more finding. The
 * process inherits the environment, and is killed when the time is up or the caller is interrupted.
 */
export const probeEngine = (
  name: EngineName,
  { timed, limitSeconds, file = ownFile }: ProbeOptions
): Effect.Effect<EngineStatus> => {
  const failed = (problem: string): EngineStatus => {
    const version = engineVersion(name)
    return { name, status: "failed", problem, ...(version === undefined ? {} : { version }) }
  }
  return Effect.callback<EngineStatus>((resume) => {
    const child = fork(file, [name, timed ? "timed" : "untimed"], {
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"]
    })
    let complaints = ""
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      complaints = (complaints + text).slice(-10_000)
    })
    child.on("message", (message) =>
      resume(
        Effect.succeed(
          Option.getOrElse(Schema.decodeUnknownOption(EngineStatus)(message), () => failed("its process sent nonsense"))
        )
      )
    )
    child.on("error", (error) => resume(Effect.succeed(failed(`its process could not be started: ${error.message}`))))
    child.on("close", (code, signal) => {
      const end = signal === null ? `code ${code}` : `signal ${signal}`
      const last = complaints.trim().split("\n").at(-1) ?? ""
      resume(Effect.succeed(failed(`its process ended with ${end}${last === "" ? "" : `: ${last}`}`)))
    })
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  }).pipe(
    Effect.timeoutOrElse({
      duration: `${limitSeconds} seconds`,
      orElse: () => Effect.succeed(failed(`it gave no answer within ${limitSeconds} seconds`))
    })
  )
}
