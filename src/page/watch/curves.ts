import { own } from "../../domain/record/own.ts"
import { across, type CourseAxis, linePoints, smoothed, timeUnit } from "../../domain/watch/smoothed.ts"
import { button, byId, element, labelled, slider } from "../elements.ts"
import { type MetricChart, metricChart } from "./chart.ts"
import type { DrawnLine } from "./lines.ts"
import { chosenRuns, type KnownRun, keepState, type PageState } from "./state.ts"
import { lineLook, runName } from "./words.ts"

/** The curves of the chosen runs. */
export interface Curves {
  /** Says that courses or the choice of runs are others now: they are drawn when there is time. */
  readonly changed: () => void
}

/** Between two drawings of the same chart, in milliseconds; with many runs more, so that the page stays free. */
const restOf = (runs: number): number => Math.min(Math.max(800, runs * 20), 4000)

/** Of more runs, where they warned is not marked. */
const mostMarked = 6

/** While every chart rests, until it is looked again whether one has rested enough. */
const waitMillis = 100

interface Panel {
  readonly chart: MetricChart
  visible: boolean
  stale: boolean
  drawnAt: number
}

/** Draws a chart for each metric that the chosen runs have: one chart at a time, and only those that are in sight. */
export const curves = (state: PageState): Curves => {
  const place = byId("curves")
  const reading = byId("reading")
  const empty = element("p", { class: "empty" }, "Choose a run to see its curves.")
  const panels = new Map<string, Panel>()
  const { curves: options } = state
  let frame = 0

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      for (const panel of panels.values()) if (panel.chart.root === target) panel.visible = isIntersecting
    }
    ask()
  })

  const setZoom = (range: readonly [number, number]): void => {
    options.zoom = range
    for (const { chart } of panels.values()) chart.zoom(range)
  }

  const redrawAll = (): void => {
    for (const panel of panels.values()) {
      panel.stale = true
      panel.drawnAt = 0
    }
    keepState(state)
    ask()
  }

  const arrange = (): void => {
    const names = new Set(chosenRuns(state).flatMap(({ course }) => Object.keys(course?.course.metrics ?? {})))
    for (const [name, { chart }] of panels) {
      if (names.has(name)) continue
      sight.unobserve(chart.root)
      chart.dispose()
      chart.root.remove()
      panels.delete(name)
    }
    for (const name of names) {
      if (panels.has(name)) continue
      const chart = metricChart(name, { read: (text) => (reading.textContent = text), zoomed: setZoom })
      panels.set(name, { chart, visible: false, stale: true, drawnAt: 0 })
      place.append(chart.root)
      sight.observe(chart.root)
    }
    empty.textContent =
      state.chosen.length === 0 ? "Choose a run to see its curves." : "The chosen runs have measured nothing yet."
    if (names.size === 0) place.prepend(empty)
    else empty.remove()
  }

  const drawNext = (now: number): void => {
    frame = 0
    const runs = chosenRuns(state)
    const rest = restOf(runs.length)
    const ready = [...panels].find(([, { visible, stale, drawnAt }]) => visible && stale && now - drawnAt >= rest)
    if (ready !== undefined) {
      const [name, panel] = ready
      panel.stale = false
      panel.drawnAt = now
      const unit = unitOf(options.axis, runs)
      panel.chart.draw(linesOf(state, runs, name, unit.size), options, unit.name)
    }
    if (![...panels.values()].some(({ visible, stale }) => visible && stale)) return
    if (ready !== undefined) ask()
    else setTimeout(ask, waitMillis)
  }
  const ask = (): void => {
    if (frame === 0) frame = requestAnimationFrame(drawNext)
  }

  tools(state, redrawAll, setZoom)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll)
  arrange()
  return {
    changed: () => {
      arrange()
      for (const panel of panels.values()) panel.stale = true
      ask()
    }
  }
}

/** What an axis counts: of time the unit that the longest of the runs asks for, in seconds. */
const unitOf = (axis: CourseAxis, runs: ReadonlyArray<KnownRun>): { readonly name: string; readonly size: number } => {
  if (axis !== "time") return { name: axis, size: 1 }
  const lasted = runs.map(({ course }) => (course === undefined ? 0 : (across(course.course, axis).at(-1) ?? 0)))
  const { name, seconds } = timeUnit(Math.max(0, ...lasted))
  return { name, size: seconds }
}

const linesOf = (
  { curves: options }: PageState,
  runs: ReadonlyArray<KnownRun>,
  metric: string,
  unit: number
): ReadonlyArray<DrawnLine> =>
  runs.flatMap(({ summary, course: told }, place): ReadonlyArray<DrawnLine> => {
    const column = told === undefined ? undefined : own(told.course.metrics, metric)
    if (told === undefined || column === undefined) return []
    const places = across(told.course, options.axis).map((place) => place / unit)
    const smooth = smoothed(places, column.mean, options.smoothing)
    const marks =
      runs.length > mostMarked ? [] : told.notices.flatMap(({ update }) => placeOf(told.course.updates, places, update))
    return [
      {
        name: runName(summary),
        ...lineLook(place, runs.length),
        points: linePoints(places, smooth, column.gaps, options),
        raw:
          options.smoothing > 0 && runs.length <= mostMarked
            ? linePoints(places, column.mean, column.gaps, options)
            : undefined,
        marks: marks.filter((mark) => !options.logX || mark > 0).slice(-50)
      }
    ]
  })

/** Where an update lies across a chart, if the course has come so far. */
const placeOf = (
  updates: ReadonlyArray<number>,
  places: ReadonlyArray<number>,
  update: number
): ReadonlyArray<number> => {
  const index = updates.findIndex((one) => one >= update)
  const place = places[index === -1 ? updates.length - 1 : index]
  return place === undefined ? [] : [place]
}

const tools = (
  { curves: options }: PageState,
  redraw: () => void,
  setZoom: (range: readonly [number, number]) => void
): void => {
  const by = element("select", {})
  for (const [value, text] of [
    ["update", "update"],
    ["epoch", "epoch"],
    ["time", "time"]
  ] as const) {
    by.append(element("option", { value, selected: options.axis === value }, text))
  }
  by.addEventListener("change", () => {
    options.axis = by.value === "epoch" || by.value === "time" ? by.value : "update"
    redraw()
  })
  const pressed = (label: string, on: boolean, press: (on: boolean) => void): HTMLButtonElement => {
    const made: HTMLButtonElement = button(label, () => {
      const now = made.getAttribute("aria-pressed") !== "true"
      made.setAttribute("aria-pressed", String(now))
      press(now)
      redraw()
    })
    made.setAttribute("aria-pressed", String(on))
    return made
  }
  const zoomBy =
    (factor: number, move = 0) =>
    (): void => {
      const [start, end] = options.zoom
      const width = Math.min((end - start) * factor, 100)
      const middle = (start + end) / 2 + move * (end - start)
      const from = Math.min(Math.max(middle - width / 2, 0), 100 - width)
      setZoom([from, from + width])
    }
  byId("curve-tools").append(
    slider("Smoothing", { min: 0, max: 0.99, step: 0.01, value: options.smoothing }, (value) => {
      options.smoothing = value
      redraw()
    }).root,
    labelled("By", by),
    pressed("Log x", options.logX, (on) => {
      options.logX = on
    }),
    pressed("Log y", options.logY, (on) => {
      options.logY = on
    }),
    button("+", zoomBy(0.5), { "aria-label": "Zoom in" }),
    button("−", zoomBy(2), { "aria-label": "Zoom out" }),
    button("←", zoomBy(1, -0.25), { "aria-label": "Earlier" }),
    button("→", zoomBy(1, 0.25), { "aria-label": "Later" }),
    button("Whole", () => setZoom([0, 100]))
  )
}
