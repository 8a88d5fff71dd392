import type { SampleMeasures } from "../../metrics/SampleMeasures.ts"
import type { CoursePoint } from "../report/Results.ts"
import type { GeneratorNumbers } from "./GeneratorNumbers.ts"

/** What is known of one training with one seed. */
export interface Evidence {
  /** `paper`, `baseline`, `four-filters` or `zero-canvas`. */
  readonly name: string
  readonly seed: number
  /** Of its samples as it stands. */
  readonly measures: SampleMeasures
  /** Over its epochs. */
  readonly course: ReadonlyArray<CoursePoint>
  /** Whether its samples are all alike. */
  readonly collapsed: boolean
  readonly totalUpdates: number
  readonly updates: number
  /** Of attention GANs. */
  readonly numbers?: GeneratorNumbers
}

/** The trainings of one experiment that a claim can be judged by. */
export interface Evident {
  readonly usable: ReadonlyArray<Evidence>
  /** What was set aside or should be known of the rest, as sentences. */
  readonly notes: ReadonlyArray<string>
}

/**
 * The trainings of an experiment that have come to their end; for claims about what a trained generator draws also only
 * those that did not collapse, since nothing can be learned about drawing from one that draws one thing; with `sampled`,
 * only those that have `GeneratorNumbers`.
 */
export const evidentOf = (
  experiments: ReadonlyArray<Evidence>,
  name: string,
  { collapsed, sampled = false }: { readonly collapsed: "set aside" | "kept"; readonly sampled?: boolean }
): Evident => {
  const all = experiments.filter((experiment) => experiment.name === name)
  const finished = all.filter(({ updates, totalUpdates }) => updates >= totalUpdates)
  const standing = collapsed === "kept" ? finished : finished.filter((experiment) => !experiment.collapsed)
  const usable = sampled ? standing.filter(({ numbers }) => numbers !== undefined) : standing
  const unfinished = all
    .filter((experiment) => !finished.includes(experiment))
    .map(
      ({ seed, updates, totalUpdates }) =>
        `Seed ${seed} of "${name}" is not counted: ${updates} of its ${totalUpdates} updates are done.`
    )
  const fallen = finished.filter((experiment) => !standing.includes(experiment)).map(({ seed }) => seed)
  const unsampled = standing.filter((experiment) => !usable.includes(experiment)).map(({ seed }) => seed)
  return {
    usable,
    notes: [
      ...(all.length === 0 ? [`"${name}" has not been trained.`] : []),
      ...unfinished,
      ...(fallen.length === 0 ? [] : [`"${name}" collapsed with seed ${fallen.join(", ")}, which is not counted.`]),
      ...(unsampled.length === 0
        ? []
        : [`Nothing was sampled of "${name}" with seed ${unsampled.join(", ")}, which is not counted.`])
    ]
  }
}
