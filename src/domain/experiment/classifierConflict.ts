import * as Schema from "effect/Schema"
import type { CheckpointDescription } from "../checkpoint/Manifest.ts"
import type { ImageFormat } from "../model/AdversarialModel.ts"
import { ClassifierExperiment } from "./ClassifierExperiment.ts"
import { SettingsError } from "./ExperimentSettings.ts"
import { jsonLeaves } from "./jsonLeaves.ts"

/** What makes a classifier the one that it is: the part of its checkpoint's description that must not differ. */
export type ClassifierIdentity = Pick<CheckpointDescription, "model" | "seed" | "settings" | "dataset">

/** The identity of a classifier of this many classes trained by these settings on this data. */
export const classifierIdentity = (
  model: { readonly name: string; readonly format: ImageFormat; readonly classes: number },
  settings: ClassifierExperiment,
  dataset: CheckpointDescription["dataset"]
): ClassifierIdentity => {
  const { channels, height, width } = model.format
  const described: Schema.Json = JSON.parse(JSON.stringify(encode(settings)))
  return {
    model: model.name,
    seed: settings.seed,
    settings: { settings: described, format: { channels, height, width }, classes: model.classes },
    dataset
  }
}

const encode = Schema.encodeSync(ClassifierExperiment)

/**
 * Why a checkpoint is not that of the classifier asked for, as a `SettingsError` that names the first field that differs,
 * or `undefined` if it is: another model, other settings, or other data. `location` is where the checkpoint lies.
 */
export const classifierConflict = (
  found: ClassifierIdentity,
  wanted: ClassifierIdentity,
  location: string
): SettingsError | undefined => {
  const fault = (field: string, was: string, is: string) =>
    new SettingsError({
      field: `classifier: ${field}`,
      problem: `the checkpoint in ${location} was made with ${was}, but ${is} is asked for: remove it, or use another folder`
    })
  if (found.model !== wanted.model) return fault("model", `the model "${found.model}"`, `"${wanted.model}"`)
  const [before, now] = [leavesOf(found), leavesOf(wanted)]
  const field = [...new Set([...now.keys(), ...before.keys()])].find((path) => before.get(path) !== now.get(path))
  return field === undefined ? undefined : fault(field, before.get(field) ?? "none", now.get(field) ?? "none")
}

/** The values of an identity by their path, as JSON. */
const leavesOf = ({ settings, dataset }: ClassifierIdentity): ReadonlyMap<string, string> =>
  new Map([...jsonLeaves(settings), ...jsonLeaves(dataset, "dataset")])
