import type * as Schema from "effect/Schema"
import { type Html, html } from "../../page/html.ts"
import type { PlannedPoint } from "../PlannedPoint.ts"
import type { PointGroup } from "../SweepResults.ts"

/** A setting's value for a reader. */
export const valueText = (value: Schema.Json | undefined): string => {
  if (value === undefined) return "–"
  // As it was set, to the last digit.
  if (typeof value === "number") return String(value)
  return typeof value === "string" ? value : JSON.stringify(value)
}

/** What a group has in common: a value, or a range of numbers. */
export const groupText = (value: Schema.Json | undefined, isRange: boolean): string =>
  isRange && Array.isArray(value) ? value.map(valueText).join(" to ") : valueText(value)

/** What a combination's points have in common, on one line. */
export const combinationText = (values: PointGroup["values"]): string => {
  const entries = Object.entries(values)
  if (entries.length === 0) return "the settings as they are"
  return entries.map(([path, value]) => `${shortPath(path)} ${valueText(value)}`).join(", ")
}

/** A point by what tells it from the others of its sweep. */
export const pointText = ({ values, seed }: Pick<PlannedPoint, "values" | "seed">): string =>
  Object.keys(values).length === 0 ? `seed ${seed}` : `${combinationText(values)}, seed ${seed}`

/** The head of a column: a path may be broken behind its dots. */
export const columnHead = (path: string): Html =>
  html`<th scope="col">${shortPath(path)
    .split(/(?<=\.)/)
    .map((part, i) => (i === 0 ? part : html`<wbr>${part}`))}</th>`

/** A path without the group that it is in: `generatorOptimizer.learningRate`. */
export const shortPath = (path: string): string => path.replace(/^(model|training|dataset)\.(?=.)/, "")
