import { Flag } from "effect/cli"
import type * as Option from "effect/Option"
import { damageFlag, wholeNumber } from "./flags.ts"
import { filePath } from "./paths.ts"

/** What `--checkpoint` and its like take. */
export const checkpointHelp =
  "folder of a run (its newest checkpoint, or that of --update or --epoch), of its checkpoints or milestones, or of one of them"

/** Flags that choose one of a run's checkpoints. */
export const choiceFlags = {
  update: wholeNumber("update", 0).pipe(
    Flag.withDescription("the checkpoint or milestone after so many updates (default: the newest checkpoint)"),
    Flag.optional
  ),
  epoch: wholeNumber("epoch", 0).pipe(
    Flag.withDescription("the same, after so many epochs; the run's log tells how many updates these are"),
    Flag.optional
  ),
  onDamage: damageFlag
}

/** The module whose training made a checkpoint. */
export const moduleFlag = filePath("module").pipe(
  Flag.withDescription("the module of your own whose training made the checkpoint; its code is run"),
  Flag.optional
)

/** The values of `choiceFlags` that choose. */
export interface ChoiceFlags {
  readonly update: Option.Option<number>
  readonly epoch: Option.Option<number>
}
