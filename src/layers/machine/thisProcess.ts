import { readFileSync, readlinkSync } from "node:fs"
import { constants, hostname, setPriority } from "node:os"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** What tells a process from all others, on this machine and elsewhere. */
export interface ProcessIdentity {
  readonly process: number
  readonly host: string
  /** When it began, as the system counts it, where it tells; process numbers are used again. */
  readonly began?: string
  /** Where its number means something: this start of this machine, this space of process numbers (a container has its own). */
  readonly space?: string
}

/** The process that this is. Tests let it be another. */
export const ThisProcess = Context.Reference<ProcessIdentity>("fovea/layers/ThisProcess", {
  defaultValue: () => ({ process: process.pid, host: hostname(), ...beganOf(process.pid), ...ownSpace() })
})

/** Whether a process of this number is there, in this process's own space of them. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process may not be signalled, but it is there.
    return error instanceof Error && "code" in error && error.code === "EPERM"
  }
}

/** Linux tells when a process began, in ticks since the machine did. */
export const beganOf = (pid: number): { readonly began?: string } => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)?.split(" ") ?? []
    const began = fields[19]
    return began === undefined ? {} : { began }
  } catch {
    return {}
  }
}

/** Linux names each start of the machine, and each space of process numbers. */
const ownSpace = (): { readonly space?: string } => {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()
    return { space: `${boot} ${readlinkSync("/proc/self/ns/pid")}` }
  } catch {
    return {}
  }
}

/** Leaves this process the time that others do not want, where the system lets it. */
export const lowPriority: Effect.Effect<void> = Effect.ignore(
  Effect.try({ try: () => setPriority(constants.priority.PRIORITY_BELOW_NORMAL), catch: (cause) => cause })
)
