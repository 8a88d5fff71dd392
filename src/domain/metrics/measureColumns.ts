import { formatNumber, formatWithError, noNumber } from "../text/numbers.ts"
import type { MeasuredSamples } from "./AvailableMeasures.ts"

/** Which way a measure is better; a number is the value to be near to, `none` is for what is only told. */
export type Goal = "lower" | "higher" | "none" | number

/** One measure as a column of a table. */
export interface MeasureColumn {
  readonly name: string
  /** Empty for a ratio or a share. */
  readonly unit: string
  readonly goal: Goal
  /** The value, and its standard error over samples where it has one; `undefined` where it was not measured. */
  readonly read: (measures: MeasuredSamples) => { readonly value: number; readonly standardError?: number } | undefined
}

/** Measures that are read together: one table. */
export interface MeasureGroup {
  readonly title: string
  /** What the measures are and what they stand on, in a sentence or two. */
  readonly note: string
  readonly columns: ReadonlyArray<MeasureColumn>
}

const column = (
  name: string,
  unit: string,
  goal: Goal,
  read: (measures: MeasuredSamples) => number | undefined
): MeasureColumn => ({
  name,
  unit,
  goal,
  read: (measures) => {
    const value = read(measures)
    return value === undefined ? undefined : { value }
  }
})

/** Every measure of `SampleMeasures` but the class histogram, which has a table of its own. */
export const measureGroups: ReadonlyArray<MeasureGroup> = [
  {
    title: "Likeness and variety",
    note: "Of the classifier’s features, against training images. Precision and density tell how real the images look, recall and coverage how much of the data they reach.",
    columns: [
      column("Fréchet distance", "", "lower", ({ frechetDistance }) => frechetDistance),
      { name: "Kernel distance", unit: "", goal: "lower", read: ({ kernelDistance }) => kernelDistance },
      column("Precision", "", "higher", ({ precision }) => precision),
      column("Recall", "", "higher", ({ recall }) => recall),
      column("Density", "", 1, ({ density }) => density),
      column("Coverage", "", "higher", ({ coverage }) => coverage)
    ]
  },
  {
    title: "Digits",
    note: "What the classifier names the images, and how sure it is: legible is the share that it names with a probability over 0.9. Entropy is at most ln 10 = 2.303, for ten equally frequent digits; class distance is the total variation from the training images’ frequencies.",
    columns: [
      { name: "Inception score", unit: "1 to 10", goal: "higher", read: ({ inceptionScore }) => inceptionScore },
      { name: "Confidence", unit: "", goal: "higher", read: ({ confidence }) => confidence },
      column("Legible", "", "higher", ({ legible }) => legible),
      column("Class entropy", "nats", "higher", ({ classEntropy }) => classEntropy),
      column("Class distance", "", "lower", ({ classDistance }) => classDistance)
    ]
  },
  {
    title: "Strokes, copies, likelihood",
    note: "Of the pixels. Greyness is blur, speckle single pixels that stand out of their neighbours. Memorisation is the distance to the nearest training image over that of test images: well below 1 means copies. The log-likelihood is Goodfellow’s: of the test images under a Parzen window on the samples.",
    columns: [
      { name: "Sharpness", unit: "× real", goal: 1, read: ({ sharpness }) => sharpness },
      { name: "Greyness", unit: "× real", goal: 1, read: ({ greyness }) => greyness },
      { name: "Speckle", unit: "× real", goal: 1, read: ({ speckle }) => speckle },
      column("Memorisation", "× real", 1, ({ memorisation }) => memorisation?.ratio),
      column("Nearer than test", "probability", 0.5, ({ memorisation }) => memorisation?.nearerThanTest),
      {
        name: "Log-likelihood",
        unit: "nats",
        goal: "higher",
        read: ({ parzen }) => parzen && { ...parzen, value: parzen.logLikelihood }
      },
      {
        name: "Parzen width",
        unit: "grey levels 0–1",
        goal: "none",
        read: ({ parzen }) => parzen && { value: parzen.width }
      }
    ]
  }
]

/** A column's value for a reader. */
export const valueText = ({ read }: MeasureColumn, measures: MeasuredSamples): string => {
  const found = read(measures)
  if (found === undefined) return noNumber
  const { value, standardError } = found
  return standardError === undefined ? formatNumber(value) : formatWithError(value, standardError)
}

/** How far a value is from what is wanted, for finding the best of several: less is better. `undefined` without a goal. */
export const shortfall = (goal: Goal, value: number): number | undefined => {
  if (goal === "none") return undefined
  if (goal === "lower") return value
  return goal === "higher" ? -value : Math.abs(value - goal)
}

/** The goal in words; empty for none. */
export const goalText = (goal: Goal): string => {
  if (goal === "none") return ""
  return typeof goal === "number" ? `best near ${goal}` : `${goal} is better`
}
