import * as Result from "effect/Result"
import type { DatasetSettings } from "../../experiment/DatasetSettings.ts"
import type { ExperimentSettings } from "../../experiment/ExperimentSettings.ts"
import { settingsFrom } from "../../experiment/presets.ts"
import paces from "./plans/paces.json" with { type: "json" }
import type { PlannedRun } from "./ReproductionPlan.ts"

/**
 * About how many seconds this many updates of a run take on two idle cores, by `paces.json`. Nothing is known (`undefined`) of a model, a
 * batch or data that are not those of its preset.
 */
export const secondsOfTraining = (
  { preset, settings }: Pick<PlannedRun, "preset" | "settings">,
  updates: number
): number | undefined =>
  Result.match(settingsFrom(preset), {
    onFailure: () => undefined,
    onSuccess: (usual) =>
      workOf(settings) === workOf(usual) ? (updates * paces.updateMilliseconds[preset]) / 1000 : undefined
  })

/** What the time of an update depends on. */
const workOf = ({ dataset, model, training: { batchSize } }: ExperimentSettings): string =>
  JSON.stringify([dataset, model, batchSize])

/** About how many seconds this many updates of the classifier take; known of MNIST alone. */
export const secondsOfClassifier = ({ kind }: DatasetSettings, updates: number): number | undefined =>
  kind === "mnist" ? (updates * paces.classifierMilliseconds) / 1000 : undefined

/** About how many seconds it takes to measure this many trainings, and three references, by this many samples each; known of MNIST alone. */
export const secondsOfMeasuring = (
  { kind }: DatasetSettings,
  trainings: number,
  samples: number
): number | undefined =>
  kind === "mnist" ? paces.referenceSeconds + ((trainings + 3) * samples * paces.sampleMilliseconds) / 1000 : undefined

/** A step that was done: how many seconds it was thought to take on two idle cores, and how many it took. */
export interface TimedStep {
  readonly expected: number | undefined
  readonly took: number
}

/** Shorter steps tell more of what comes before and after a training than of the machine. */
const leastTold = 5

/**
 * How many seconds the steps that are left take, by what was thought of them and how much longer or shorter those done took than
 * was thought; `undefined` if of one of them nothing is known.
 */
export const secondsLeft = (
  done: ReadonlyArray<TimedStep>,
  left: ReadonlyArray<number | undefined>
): number | undefined => {
  const told = done.flatMap(({ expected, took }) =>
    expected === undefined || expected < leastTold ? [] : [{ expected, took }]
  )
  const [thought, took] = [
    told.reduce((sum, one) => sum + one.expected, 0),
    told.reduce((sum, one) => sum + one.took, 0)
  ]
  const whole = sumOf(left)
  return whole === undefined ? undefined : whole * (thought > 0 ? took / thought : 1)
}

/** The sum of them all, if all are known. */
export const sumOf = (seconds: ReadonlyArray<number | undefined>): number | undefined =>
  seconds.reduce<number | undefined>((sum, one) => (sum === undefined || one === undefined ? undefined : sum + one), 0)
