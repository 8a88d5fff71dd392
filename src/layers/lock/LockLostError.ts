import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { LockOwner } from "./LockOwner.ts"

/**
 * A folder is not this process's any more: while it was stopped or cut off, another took it over, or the folder was moved
 * away. Nothing more is written there. `found`: what is in the place of its lock. The process's exit code is 3.
 */
export class LockLostError extends Schema.TaggedError<LockLostError>()("LockLostError", {
  folder: Schema.String,
  found: Schema.Union([
    /** Somebody else's lock. */
    Schema.TaggedStruct("Taken", { owner: LockOwner }),
    /** No lock, or a file that is none. */
    Schema.TaggedStruct("Removed", {}),
    /** Another folder of the same name, and whose it is if it is anybody's. */
    Schema.TaggedStruct("OtherFolder", { owner: Schema.optionalKey(LockOwner) }),
    /** No folder. */
    Schema.TaggedStruct("NoFolder", {})
  ])
}) {
  override readonly [Runtime.errorExitCode] = 3

  override get message(): string {
    return `${this.folder} is no longer this process's: ${explainFound(this.found)} Nothing more was written there; what was written before is whole.`
  }
}

const explainFound = (found: LockLostError["found"]): string => {
  switch (found._tag) {
    case "Taken":
      return `it gave no sign of life for too long, and ${named(found.owner)} has taken the folder over.`
    case "Removed":
      return "its run.lock is gone. Another process took it over and has ended, or somebody removed it."
    case "OtherFolder": {
      const whose = found.owner === undefined ? "" : `, which ${named(found.owner)} holds`
      return `the folder was moved away, and another lies in its place${whose}.`
    }
    case "NoFolder":
      return "ENOENT: the folder is not there, it was moved or removed."
  }
}

const named = ({ process, host }: LockOwner): string => `process ${process} on ${host}`
