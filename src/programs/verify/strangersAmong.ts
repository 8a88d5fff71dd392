import * as Result from "effect/Result"
import type { CheckpointDescription } from "../../domain/checkpoint/Manifest.ts"
import { dataDifference } from "../../domain/experiment/dataIdentity.ts"
import { decodeRunDescription, incompatibility } from "../../domain/experiment/RunDescription.ts"

/** An intact checkpoint: its folder, and what it says of itself. */
export interface FoundCheckpoint {
  readonly path: string
  readonly description: CheckpointDescription
}

/** The run's folder that a checkpoint is of, or if it is in none the folder it lies in. */
const folderOf = ({ path }: FoundCheckpoint): string =>
  path.replace(/(^|\/)(checkpoints|milestones|diverged)\/[^/]+$/, "$1").replace(/[^/]*$/, "")

/**
 * The checkpoints of another run than the one of the most updates in their folder: by path, with what differs, in words. A run's checkpoints, milestones and diverged states belong together; what may change while a run goes on may differ.
 */
export const strangersAmong = (found: ReadonlyArray<FoundCheckpoint>): ReadonlyMap<string, string> => {
  const newest = new Map<string, FoundCheckpoint>()
  for (const each of found) {
    const before = newest.get(folderOf(each))
    if (before === undefined || before.description.update < each.description.update) newest.set(folderOf(each), each)
  }
  const strangers = new Map<string, string>()
  for (const each of found) {
    const { path, description } = newest.get(folderOf(each)) ?? each
    const difference = differenceOf(description, each.description)
    if (difference !== undefined) strangers.set(each.path, `of another run than ${path}: ${difference}`)
  }
  return strangers
}

const differenceOf = (one: CheckpointDescription, other: CheckpointDescription): string | undefined => {
  if (one.model !== other.model) return `its model is ${other.model}, not ${one.model}`
  if (one.seed !== other.seed) return `its seed is ${other.seed}, not ${one.seed}`
  const [first, second] = [one, other].map(({ settings }) => decodeRunDescription(settings))
  const settings = first && second && Result.isSuccess(first) && Result.isSuccess(second)
  const fault = settings ? incompatibility(first.success, second.success) : undefined
  if (fault !== undefined) return `its settings differ in ${fault.field}`
  return dataDifference(one.dataset.digests, other.dataset.digests)
}
