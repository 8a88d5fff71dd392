import type { HistoryMeasures } from "../../domain/metrics/SampleMeasures.ts"
import type { Chart } from "../../domain/page/charts.ts"
import { type ExperimentGroup, experimentGroups, overSeeds } from "../../domain/paper/report/experimentGroup.ts"
import type { Results } from "../../domain/paper/report/Results.ts"
import { type ChartLine, lineChart, type Point } from "../chart/lineChart.ts"

/** A measure that is followed over the epochs. */
interface Course {
  readonly measure: Exclude<keyof HistoryMeasures, "count">
  readonly title: string
  readonly axis: string
  readonly description: string
  readonly logarithmic?: true
}

const courses: ReadonlyArray<Course> = [
  {
    measure: "frechetDistance",
    title: "Fréchet distance",
    axis: "distance (log)",
    description: "Of the classifier’s features to those of training images; lower is better.",
    logarithmic: true
  },
  {
    measure: "coverage",
    title: "Coverage",
    axis: "share of real images",
    description: "Share of real images that have a sample in their neighbourhood; higher is better."
  },
  {
    measure: "confidence",
    title: "Confidence",
    axis: "mean probability",
    description: "Probability of the class that the classifier finds likeliest; higher is better."
  },
  {
    measure: "classEntropy",
    title: "Class entropy",
    axis: "entropy (nats)",
    description: "Of the frequencies of the digits; ten equally frequent ones have 2.303 nats."
  },
  {
    measure: "precision",
    title: "Precision",
    axis: "share of samples",
    description: "Share of samples in the neighbourhood of a real image; higher is better."
  },
  {
    measure: "sharpness",
    title: "Sharpness",
    axis: "multiple of real images’",
    description: "Relative to test images; 1 is as sharp as real, and noise is sharper."
  }
]

/** Pixels of each chart. */
const width = 480
const panelHeight = 310

/**
 * The measures over the epochs, a chart for each measure and a line for each experiment, with the test images' value as a
 * dashed line. Of several seeds the line is the mean at the epochs that all of them were measured at, the seeds behind it
 * faintly. None if nothing was followed.
 */
export const courseCharts = ({ experiments, references }: Results): ReadonlyArray<Chart> => {
  const groups = experimentGroups(experiments)
  const lastEpoch = Math.max(0, ...experiments.flatMap(({ course }) => course.map(({ epoch }) => epoch)))
  if (lastEpoch === 0) return []
  return courses.map(({ measure, title, axis, description, logarithmic = false }) => {
    const lines = groups.flatMap((group, colour) => linesOf(group, measure, colour))
    const value = references.testImages[measure]
    const level = typeof value === "number" ? value : value.value
    const levels = Number.isFinite(level) ? [{ label: "test images", value: level }] : []
    const svg = lineChart([{ axis, lines, levels, logarithmic }], {
      width,
      panelHeight,
      lastEpoch,
      prefix: `course-${measure}`
    })
    return { title: `${title} over epochs`, description, svg }
  })
}

const linesOf = (
  { title, runs }: ExperimentGroup,
  measure: Course["measure"],
  colour: number
): ReadonlyArray<ChartLine> => {
  const seeds = runs.map(({ course }) =>
    course.map(({ epoch, measures }): Point => [epoch, measures[measure]]).sort(([left], [right]) => left - right)
  )
  const [first = [], ...others] = seeds
  if (others.length === 0) return first.length === 0 ? [] : [{ label: title, points: first, colour, marked: true }]
  const mean = first.flatMap(([epoch]): ReadonlyArray<Point> => {
    const values = seeds.flatMap((points) => points.filter(([other]) => other === epoch).map(([, value]) => value))
    return values.length === seeds.length ? [[epoch, overSeeds(values).mean]] : []
  })
  return [
    ...seeds.map((points) => ({ label: title, points, colour, faint: true })),
    { label: title, points: mean, colour, marked: true }
  ]
}
