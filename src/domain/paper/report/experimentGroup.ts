import type { ExperimentResult } from "./Results.ts"

/** One experiment of the reproduction: all its trainings, which differ in their seeds alone. */
export interface ExperimentGroup {
  /** As in the settings: `four-filters`. */
  readonly name: string
  /** For readers: `4 × 4 filters`. */
  readonly title: string
  /** Seeds ascending. */
  readonly runs: readonly [ExperimentResult, ...ReadonlyArray<ExperimentResult>]
}

const titles = new Map([
  ["paper", "Proposed model"],
  ["baseline", "Baseline GAN"],
  ["four-filters", "4 × 4 filters"],
  ["zero-canvas", "Canvas from zero"],
  ["vae", "VAE"],
  ["draw", "DRAW"],
  ["draw-without-attention", "DRAW without attention"],
  ["dcgan", "DCGAN"],
  ["goodfellow", "Goodfellow’s own training"],
  ["modern", "Modern preset"]
])

/** What an experiment is called in the report; an unknown one by its own name. */
export const experimentTitle = (name: string): string => titles.get(name) ?? name

/** The runs by experiment, in the order in which experiments first occur. */
export const experimentGroups = (runs: ReadonlyArray<ExperimentResult>): ReadonlyArray<ExperimentGroup> => {
  const names = [...new Set(runs.map(({ name }) => name))]
  return names.flatMap((name) => {
    const [first, ...others] = runs.filter((run) => run.name === name).sort((left, right) => left.seed - right.seed)
    return first === undefined ? [] : [{ name, title: experimentTitle(name), runs: [first, ...others] }]
  })
}

/** Whether training has come to its end. */
export const isFinished = ({ updates, totalUpdates }: ExperimentResult): boolean => updates >= totalUpdates

/** Mean, and standard deviation (n - 1) where there are several. */
export interface OverSeeds {
  readonly mean: number
  readonly deviation?: number
}

/** Mean and spread of one number over seeds; not a number for none. */
export const overSeeds = (values: ReadonlyArray<number>): OverSeeds => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) return { mean }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) }
}
