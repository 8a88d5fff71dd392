import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { CadenceOf, Command } from "../../domain/watch/Command.ts"

/** Where in its folder a run that obeys looks for what it is told; not there if it obeys nobody. */
export const commandsName = "commands"

/** What a run was told and goes by from then on: changed by who obeys, looked at by who logs, saves and draws. */
export interface Orders {
  /** Updates between lines of the log, checkpoints, or images, where they are to be others than planned. */
  readonly every: Map<CadenceOf, number>
  /** Whether a checkpoint is to be saved after the update in hand. */
  checkpoint: boolean
}

/** To go on as planned. */
export const noOrders = (): Orders => ({ every: new Map(), checkpoint: false })

/** What a run is told by others while it goes on; nothing, unless a layer says where to look. */
export const RunCommands = Context.Reference<{
  /** What was told since this was last asked, in the order in which it came. Each is given once. */
  readonly take: Effect.Effect<ReadonlyArray<Command>>
  readonly orders: Orders
}>("fovea/layers/RunCommands", { defaultValue: () => ({ take: Effect.succeed([]), orders: noOrders() }) })
