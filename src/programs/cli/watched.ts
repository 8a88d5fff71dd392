import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { layerRunCommands } from "../../layers/watch/commandFolder.ts"
import type { RunFolder } from "../checkpoint/RunFolder.ts"
import { watchBeside } from "../watch/watchBeside.ts"

/** What of `fovea train`'s flags says who may see the run, and tell it something. */
export interface WatchedFlags {
  readonly watch: boolean
  readonly allowCommands: boolean
  readonly quiet: boolean
}

/** A training that shows itself in a page (`--watch`), and obeys what is asked there (`--allow-commands`), each if it is asked for. */
export const watched =
  ({ folder }: RunFolder, { watch, allowCommands, quiet }: WatchedFlags) =>
  <A, E, R>(training: Effect.Effect<A, E, R>) => {
    const announce = (address: string) => (quiet ? Console.error : Console.log)(`Watch it at ${address}`)
    const page = watch ? watchBeside(folder, announce) : Effect.void
    const shown = Effect.scoped(Effect.andThen(page, training))
    return allowCommands ? Effect.provide(shown, layerRunCommands(folder), { local: true }) : shown
  }
