import * as Schema from "effect/Schema"
import type { CheckpointDescription } from "../checkpoint/Manifest.ts"
import { jsonLeaves } from "../json/jsonLeaves.ts"
import type { ClassifierModel } from "../model/classifier/Classifier.ts"
import { fnv1a64 } from "../random/streamHash.ts"
import { printProgram } from "../tensor/print.ts"
import { ClassifierExperiment } from "./ClassifierExperiment.ts"
import { classifierProgram, classifyingProgram } from "./classifierTraining.ts"
import { dataDifference } from "./dataIdentity.ts"
import { SettingsError } from "./ExperimentSettings.ts"

/** What makes a classifier the one that it is: the part of its checkpoint's description that must not differ. */
export type ClassifierIdentity = Pick<CheckpointDescription, "model" | "seed" | "settings" | "dataset">

/**
 * The identity of a classifier trained by these settings on this data. It holds a digest of the programs that train it and
 * that classify, so that a change of the library's code which changes what they compute makes another classifier.
 */
export const classifierIdentity = (
  model: ClassifierModel,
  settings: ClassifierExperiment,
  dataset: CheckpointDescription["dataset"]
): ClassifierIdentity => {
  const { channels, height, width } = model.format
  const described: Schema.Json = JSON.parse(JSON.stringify(encode(settings)))
  return {
    model: model.name,
    seed: settings.seed,
    settings: {
      settings: described,
      format: { channels, height, width },
      classes: model.classes,
      program: programDigest(model, settings)
    },
    dataset
  }
}

/** 16 hexadecimal digits. */
const programDigest = (model: ClassifierModel, settings: ClassifierExperiment): string =>
  fnv1a64([classifierProgram(model, settings), classifyingProgram(model, 1)].map(printProgram).join("\n"))
    .map((word) => (word >>> 0).toString(16).padStart(8, "0"))
    .reverse()
    .join("")

const encode = Schema.encodeSync(ClassifierExperiment)

/**
 * Why a checkpoint is not that of the classifier asked for, as a `SettingsError` that names the first field that differs,
 * or `undefined` if it is: another model, other settings, other data, or
 * programs that compute something else. `location` is where the checkpoint lies.
 */
export const classifierIncompatibility = (
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
  const [before, now] = [jsonLeaves(found.settings), jsonLeaves(wanted.settings)]
  const field = [...new Set([...now.keys(), ...before.keys()])].find((path) => before.get(path) !== now.get(path))
  if (field !== undefined) return fault(field, before.get(field) ?? "none", now.get(field) ?? "none")
  const [was, is] = [kindOfData(found), kindOfData(wanted)]
  if (was !== is) return fault("dataset", `"${was}"`, `"${is}"`)
  const difference = dataDifference(found.dataset.digests, wanted.dataset.digests)
  return difference === undefined ? undefined : fault("dataset", `other data (${difference})`, "this")
}

/** The same files are divided by the rule of their kind; what follows in the name is a folder's, or in the digests. */
const kindOfData = ({ dataset }: ClassifierIdentity): string => dataset.name.split(":", 1)[0] ?? ""
