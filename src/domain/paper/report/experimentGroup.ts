import { formatMedian, formatNumber } from "../../text/numbers.ts"
import type { ExperimentResult } from "./Results.ts"

/** One experiment of the reproduction: all its trainings, which differ in their seeds alone. */
export interface ExperimentGroup {
  /** As in the settings: `four-filters`. */
  readonly name: string
  /** For readers: `4 × 4 filters`. */
  readonly title: string
  /** Seeds ascending. */
  readonly runs: readonly [ExperimentResult, ...ReadonlyArray<ExperimentResult>]
  /**
   * The one whose images are shown: the median by Frechet distance of those that have come to their end and not collapsed, as claims count them
   * (of an even number the better of the middle two), so that of three and more neither the luckiest nor the unluckiest stands for all. Where all
   * collapsed the median of these, and where none has come to its end that of all.
   */
  readonly shown: ExperimentResult
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
    if (first === undefined) return []
    return [{ name, title: experimentTitle(name), runs: [first, ...others], shown: medianRun([first, ...others]) }]
  })
}

/** Those of which one is shown. */
const candidates = (runs: ExperimentGroup["runs"]): ReadonlyArray<ExperimentResult> => {
  const finished = runs.filter(isFinished)
  const sound = finished.filter(({ collapsed }) => !collapsed)
  return [sound, finished].find((some) => some.length > 0) ?? runs
}

const medianRun = (runs: ExperimentGroup["runs"]): ExperimentResult => {
  const ranked = candidates(runs).toSorted(
    (left, right) => left.measures.frechetDistance - right.measures.frechetDistance
  )
  return ranked[(ranked.length - 1) >> 1] ?? runs[0]
}

/** Which training's images are shown, and why that one. */
export const shownText = ({ title, runs, shown }: ExperimentGroup): string => {
  const among = candidates(runs)
  const lost = among.some(({ collapsed }) => collapsed)
    ? 0
    : runs.filter((run) => isFinished(run) && run.collapsed).length
  if (among.length + lost < 2) return `${title}, seed ${shown.seed}.`
  if (among.length < 2) return `${title}, seed ${shown.seed}: of ${1 + lost} seeds the only one that did not collapse.`
  const distances = among.map(({ measures }) => measures.frechetDistance).toSorted((left, right) => left - right)
  const which =
    lost === 0 ? `${among.length} seeds` : `the ${among.length} of ${among.length + lost} seeds that did not collapse`
  const [rank, seen] =
    among.length === 2 ? ["better", distances.map(formatNumber).join(" and ")] : ["median", formatMedian(distances)]
  return `${title}, seed ${shown.seed}: of ${which} the ${rank} by Fréchet distance, ${seen}.`
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
