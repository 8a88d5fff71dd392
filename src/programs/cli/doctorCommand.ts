import * as Console from "effect/Console"
import { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import { doctor } from "../doctor.ts"
import { doctorTable } from "../doctorTable.ts"

/** `fovea doctor`. */
export const doctorCommand = Command.make("doctor", {}, () =>
  Effect.flatMap(doctor(), (found) => Console.log(doctorTable(found)))
).pipe(
  Command.withDescription(
    "List the backends: which are there, on what device, how fast a small program is on each, and how to get the others."
  )
)
