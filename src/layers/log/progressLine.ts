import type { TrainingEvent, TrainingEventOf } from "../../domain/experiment/TrainingEvent.ts"
import { trainingMetrics } from "../../domain/experiment/TrainingSettings.ts"
import { terminalText } from "../../domain/text/terminalText.ts"

/** The trainings' metrics have places of their own on the line; all others are shown by name. */
const known: ReadonlySet<string> = new Set([
  ...trainingMetrics,
  "discriminatorGradientNorm",
  "generatorGradientNorm",
  "gradientNorm"
])

const widestBar = 30
const narrowestBar = 8
const separator = "  "

/**
 * A progress event on one line of at most `width` characters, all of them printable ASCII:
 *
 *     [######----------]  1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:44 left
 *
 * or, in a training by the variational bound, `bound -98.120  log p(x|z) -73.401 KL 24.719` in the place of losses and
 * accuracies; where gradients are clipped, `gradients D 6.530 G 104.577`, their norms before that, behind all. Where this is too wide,
 * parts are left out whole, the dearest last: other metrics, the gradients' norms, updates per second,
 * accuracies (the bound's parts), epoch, losses (the bound), time left. The bar fills the room that remains. `width` may be infinite: then there is no bar.
 */
export const progressLine = (event: TrainingEventOf<"Progress">, width: number): string => {
  const room = Math.max(0, Math.floor(width))
  const parts = partsOf(event)
  const byImportance = [...parts].sort((left, right) => left.rank - right.rank)
  let kept = byImportance.length
  const lengthOf = (count: number) =>
    byImportance.slice(0, count).reduce((sum, { text }) => sum + text.length, 0) + separator.length * (count - 1)
  while (kept > 1 && lengthOf(kept) > room) kept--

  const shown = new Set(byImportance.slice(0, kept))
  const line = parts
    .filter((part) => shown.has(part))
    .map(({ text }) => text)
    .join(separator)
    .slice(0, room)
  const left = room - line.length - separator.length - 2
  return Number.isFinite(left) && left >= narrowestBar
    ? `[${bar(event, Math.min(widestBar, left))}]${separator}${line}`
    : line
}

interface Part {
  readonly text: string
  /** The lower, the longer it stays. */
  readonly rank: number
}

/** What is said, in the order of the line. */
const partsOf = (event: TrainingEventOf<"Progress">): ReadonlyArray<Part> => {
  const { metrics } = event
  const total = String(event.totalUpdates)
  const losses = [
    metricOf("D", metrics["discriminatorLoss"]),
    metricOf("G", metrics["generatorLoss"]),
    metricOf("bound", metrics["bound"])
  ]
  const accuracies = [
    percentOf("real", metrics["realAccuracy"]),
    percentOf("generated", metrics["generatedAccuracy"]),
    metricOf("log p(x|z)", metrics["logLikelihood"]),
    metricOf("KL", metrics["divergence"])
  ]
  const norms = [
    metricOf("D", metrics["discriminatorGradientNorm"]),
    metricOf("G", metrics["generatorGradientNorm"]),
    metricOf("of all", metrics["gradientNorm"])
  ].flat()
  const others = Object.entries(metrics)
    .filter(([name]) => !known.has(name))
    .map(([name, value], index) => ({ text: `${printable(name)}=${formatValue(value)}`, rank: 7 + index }))
  return [
    { text: `${String(event.update).padStart(total.length)}/${total}`, rank: 0 },
    { text: `epoch ${fixed(event.epoch, 2)}`, rank: 3 },
    { text: losses.flat().join(separator), rank: 2 },
    { text: accuracies.flat().join(" "), rank: 4 },
    { text: `${fixed(event.updatesPerSecond, event.updatesPerSecond < 100 ? 1 : 0)}/s`, rank: 5 },
    { text: `${formatDuration(event.secondsLeft)} left`, rank: 1 },
    { text: norms.length === 0 ? "" : `gradients ${norms.join(" ")}`, rank: 6 },
    ...others
  ].filter(({ text }) => text !== "")
}

const metricOf = (name: string, value: number | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`${name} ${formatValue(value)}`]

const percentOf = (name: string, share: number | undefined): ReadonlyArray<string> =>
  share === undefined ? [] : [`${name} ${Number.isFinite(share) ? `${Math.round(share * 100)}%` : String(share)}`]

const fixed = (value: number, decimals: number): string =>
  Number.isFinite(value) ? value.toFixed(decimals) : String(value)

/** Three decimals where they say enough, two digits and an exponent where they do not. */
const formatValue = (value: number): string => {
  const size = Math.abs(value)
  return value === 0 || (size >= 0.001 && size < 10_000)
    ? fixed(value, 3)
    : Number.isFinite(value)
      ? value.toExponential(1)
      : String(value)
}

/** Seconds as `h:mm:ss`, rounded; `-:--:--` while they are not known (not finite, or negative). */
export const formatDuration = (seconds: number): string => {
  if (!Number.isFinite(seconds) || seconds < 0) return "-:--:--"
  const whole = Math.round(seconds)
  const two = (value: number) => String(value).padStart(2, "0")
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
}

const bar = ({ update, totalUpdates }: TrainingEventOf<"Progress">, length: number): string => {
  const share = totalUpdates > 0 ? Math.min(1, update / totalUpdates) : 1
  const done = Math.floor(share * length)
  return "#".repeat(done) + "-".repeat(length - done)
}

/** Wide characters would break the count of columns. */
const printable = (text: string): string => terminalText(text).replaceAll(/[^\x20-\x7e]/g, "?")

/** Any event as one line without control characters, of whatever width it takes. */
export const eventLine = (event: TrainingEvent): string => {
  switch (event._tag) {
    case "Started": {
      const from = event.update === 0 ? "" : ` from update ${event.update}`
      return oneLine(
        `${event.update === 0 ? "started" : "resumed"} ${event.name}${from}: ${event.totalUpdates} updates, ` +
          `${event.parameters} parameters, backend ${event.backend}`
      )
    }
    case "Progress":
      return progressLine(event, Number.POSITIVE_INFINITY)
    case "Measured": {
      const measures = Object.entries(event.metrics).map(([name, value]) => `${printable(name)} ${formatValue(value)}`)
      return oneLine(`update ${event.update}: measured ${measures.join(", ")}`)
    }
    case "Checkpointed":
      return oneLine(`update ${event.update}: checkpoint ${event.path}`)
    case "PictureWritten":
      return oneLine(`update ${event.update}: image ${event.path}`)
    case "Warned":
      return oneLine(`update ${event.update}: warning: ${event.message}`)
    case "Finished":
      return `finished at update ${event.update} after ${formatDuration(event.seconds)}`
    case "Interrupted":
      return `interrupted at update ${event.update}`
  }
}

/** Warnings may be long. */
const oneLine = (text: string): string => terminalText(text.trim(), 4000)
