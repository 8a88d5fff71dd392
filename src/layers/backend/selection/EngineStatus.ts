import * as Schema from "effect/Schema"
import { engineNames } from "./engineNames.ts"

/** What an engine computes on. `software` is a GPU's interface without a GPU behind it. */
export const Device = Schema.Struct({
  kind: Schema.Literals(["cpu", "gpu", "software"]),
  description: Schema.String
})

export type Device = typeof Device.Type

/** What was found out about an engine on this machine. */
export const EngineStatus = Schema.Struct({
  name: Schema.Literals(engineNames),
  /** It runs programs; its package or device is not there; it is there but does not work. */
  status: Schema.Literals(["present", "missing", "failed"]),
  /** The package's version, where there is a package. */
  version: Schema.optionalKey(Schema.String),
  device: Schema.optionalKey(Device),
  /** Why it is not present, and what to do about it. */
  problem: Schema.optionalKey(Schema.String),
  /** Time of one step of the yardstick, the median of some, if it was asked for. */
  milliseconds: Schema.optionalKey(Schema.Finite)
})

export type EngineStatus = typeof EngineStatus.Type
