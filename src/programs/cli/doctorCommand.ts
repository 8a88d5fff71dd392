import { Command } from "effect/cli"
import * as Effect from "effect/Effect"
import { autoChoice } from "../../layers/backend/selection/autoChoice.ts"
import { doctor } from "../doctor/doctor.ts"
import { doctorTable } from "../doctor/doctorTable.ts"
import { announce, jsonFlag, printReport } from "./flags.ts"

/** `fovea doctor`. */
export const doctorCommand = Command.make("doctor", { json: jsonFlag }, ({ json }) =>
  announce(json, "Running a small program on each backend, one after another").pipe(
    Effect.andThen(doctor()),
    Effect.flatMap((found) => printReport(json, { auto: autoChoice(found), backends: found }, doctorTable(found)))
  )
).pipe(
  Command.withDescription(
    "List the backends: which are there, on what device, how fast a small program is on each, and how to get the others."
  )
)
