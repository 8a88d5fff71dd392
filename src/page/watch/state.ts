import type { RunSummary } from "../../domain/watch/RunSummary.ts"
import type { CourseAxis } from "../../domain/watch/smoothed.ts"
import type { RunCourse, RunDetails } from "./api.ts"

/** A run as the page knows it. */
export interface KnownRun {
  summary: RunSummary
  version: number
  /** What was fetched of it, and of which version; nothing for a run that was never chosen. */
  course?: RunCourse
  details?: RunDetails
  /** What the details were fetched for: they are fetched again when this changes. */
  detailsFor?: string
}

/** How curves are drawn. */
export interface CurveOptions {
  smoothing: number
  axis: CourseAxis
  logX: boolean
  logY: boolean
  /** The shown part of the chart's width, in percent. */
  zoom: readonly [start: number, end: number]
}

/** All that the page shows: changed by events alone, and drawn from. */
export interface PageState {
  readonly runs: Map<string, KnownRun>
  /** In the order in which they were chosen, which gives them their colours. */
  chosen: Array<string>
  /** The run whose notes are shown. */
  noted: string
  readonly curves: CurveOptions
}

const storageName = "fovea-watch"

/** Whatever this browser kept of the last visit; a browser may keep nothing. */
const kept = (): Partial<CurveOptions> & { readonly chosen?: unknown } => {
  try {
    const json: unknown = JSON.parse(localStorage.getItem(storageName) ?? "{}")
    return typeof json === "object" && json !== null ? json : {}
  } catch {
    return {}
  }
}

export const initialState = (): PageState => {
  const { smoothing, axis, logX, logY, chosen } = kept()
  return {
    runs: new Map(),
    noted: "",
    chosen: Array.isArray(chosen) ? chosen.filter((id): id is string => typeof id === "string") : [],
    curves: {
      smoothing: typeof smoothing === "number" && smoothing >= 0 && smoothing < 1 ? smoothing : 0,
      axis: axis === "epoch" || axis === "time" ? axis : "update",
      logX: logX === true,
      logY: logY === true,
      zoom: [0, 100]
    }
  }
}

/** Keeps choices for the next visit. */
export const keepState = ({ chosen, curves }: PageState): void => {
  const { smoothing, axis, logX, logY } = curves
  try {
    localStorage.setItem(storageName, JSON.stringify({ chosen: chosen.slice(0, 300), smoothing, axis, logX, logY }))
  } catch {
    // Then the next visit begins as the first did.
  }
}

/** The chosen runs that are there. */
export const chosenRuns = ({ runs, chosen }: PageState): ReadonlyArray<KnownRun> =>
  chosen.flatMap((id) => runs.get(id) ?? [])
