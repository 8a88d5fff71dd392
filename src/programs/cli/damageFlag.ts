import { Flag } from "effect/cli"

/** The flag `--on-damage`. */
export const damageFlag = Flag.Literals("on-damage", ["stop", "fallback"]).pipe(
  Flag.withDescription(
    "if the newest checkpoint is damaged: stop and say which is intact (default), or fall back to the newest intact one"
  ),
  Flag.withDefault("stop" as const)
)
