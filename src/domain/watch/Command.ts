import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { parseJson } from "../json/parseJson.ts"

/** What a cadence is of: lines of the log, checkpoints, or images. */
export const CadenceOf = Schema.Literals(["log", "checkpoints", "images"])
export type CadenceOf = typeof CadenceOf.Type

const Updates = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(1_000_000_000))

/** To end after the update in hand, with a checkpoint, as Ctrl-C does: the same command line goes on from there. */
const Stop = Schema.TaggedStruct("Stop", {})
/** To save a checkpoint after the update in hand. */
const Checkpoint = Schema.TaggedStruct("Checkpoint", {})
/** To log, save or draw every N updates from now on, until the run ends. */
const Cadence = Schema.TaggedStruct("Cadence", { of: CadenceOf, everyUpdates: Updates })

/** What a run may be told while it goes on. None of it changes a number that is computed. */
export const Command = Schema.Union([Stop, Checkpoint, Cadence])
export type Command = typeof Command.Type

const decode = Schema.decodeUnknownResult(Command, { onExcessProperty: "error" })

/** A command from a file's text or a request's. Fails with what is wrong, in words. */
export const commandFrom = (text: string): Result.Result<Command, string> =>
  Result.flatMap(
    Result.mapError(parseJson(text), () => "it is no JSON"),
    (json) => Result.mapError(decode(json), () => `expected ${wanted}, found ${text.slice(0, 200)}`)
  )

const wanted =
  '{"_tag":"Stop"}, {"_tag":"Checkpoint"}, or {"_tag":"Cadence","of":"log", "checkpoints" or "images","everyUpdates":N}'

/** A command as a run says that it obeys it. */
export const commandText = (command: Command): string => {
  switch (command._tag) {
    case "Stop":
      return "stops, as it was told to"
    case "Checkpoint":
      return "saves a checkpoint, as it was told to"
    case "Cadence":
      return `${verbs[command.of]} every ${command.everyUpdates} updates from here on, as it was told to`
  }
}

const verbs: Readonly<Record<CadenceOf, string>> = { log: "logs", checkpoints: "saves", images: "draws" }
