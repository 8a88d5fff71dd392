import type { RunSummary } from "../../domain/watch/RunSummary.ts"
import { breakable, byId, element } from "../elements.ts"
import { imageAddress } from "./api.ts"
import { type KnownRun, keepState, type PageState } from "./state.ts"
import { byName, lineLook, runName, standingText } from "./words.ts"

/** The list of runs. */
export interface RunList {
  /** Shows what changed of these runs, and nothing of those that are gone. */
  readonly update: (changed: ReadonlyArray<string>) => void
}

interface Row {
  readonly root: HTMLLIElement
  readonly show: (run: KnownRun) => void
}

/** Shows the runs with a box each; `changed` is called when another choice of runs is made. */
export const runList = (state: PageState, changed: () => void): RunList => {
  const list = byId("runs")
  const filter = byId("filter")
  const rows = new Map<string, Row>()
  const names = new Map<string, string>()

  const wanted = (): string => (filter instanceof HTMLInputElement ? filter.value.trim().toLowerCase() : "")
  const shown = (run: KnownRun): boolean => runName(run.summary).toLowerCase().includes(wanted())

  const choose = (ids: ReadonlyArray<string>): void => {
    state.chosen = [...ids]
    keepState(state)
    for (const [id, row] of rows) {
      const run = state.runs.get(id)
      if (run !== undefined) row.show(run)
    }
    changed()
  }
  const toggle = (id: string, on: boolean): void =>
    choose(on ? [...state.chosen.filter((other) => other !== id), id] : state.chosen.filter((other) => other !== id))

  const order = (): void => {
    const ordered = [...state.runs.values()].filter(shown).toSorted((a, b) => byName(a.summary, b.summary))
    list.replaceChildren(...ordered.flatMap(({ summary }) => rows.get(summary.id)?.root ?? []))
  }

  filter.addEventListener("input", order)
  byId("none").addEventListener("click", () => choose([]))
  byId("all").addEventListener("click", () =>
    choose([...state.runs].flatMap(([id, run]) => (shown(run) ? [id] : [])).toSorted())
  )

  return {
    update: (ids) => {
      let other = false
      for (const id of rows.keys()) {
        if (state.runs.has(id)) continue
        rows.delete(id)
        other = true
      }
      for (const id of ids) {
        const run = state.runs.get(id)
        if (run === undefined) continue
        let row = rows.get(id)
        if (row === undefined) {
          row = rowOf(id, state, (on) => toggle(id, on))
          rows.set(id, row)
        }
        row.show(run)
        // A run that has just begun tells its name only now.
        const name = runName(run.summary)
        if (names.get(id) !== name) other = true
        names.set(id, name)
      }
      if (other) order()
    }
  }
}

const rowOf = (id: string, state: PageState, toggle: (on: boolean) => void): Row => {
  const box = element("input", { type: "checkbox" })
  const swatch = element("span", { class: "swatch" })
  const name = element("span")
  const standing = element("span", { class: "said" })
  const bar = element("progress", { max: 1, value: 0 })
  const warned = element("span", { class: "said warned" })
  const image = element("img", { alt: "", loading: "lazy", decoding: "async", hidden: true })
  const root = element("li", { class: "run" }, element("label", {}, box, swatch, name), standing, bar, warned, image)
  box.addEventListener("change", () => toggle(box.checked))
  image.addEventListener("error", () => image.toggleAttribute("hidden", true))
  let source = ""

  const show = ({ summary }: KnownRun): void => {
    const place = state.chosen.indexOf(id)
    const { color, dash } = lineLook(Math.max(place, 0), state.chosen.length)
    box.checked = place !== -1
    swatch.style.borderTopColor = place === -1 ? "transparent" : color
    swatch.style.borderTopStyle = dash
    name.replaceChildren(...breakable(runName(summary)))
    const stateText = element("span", { class: `state ${summary.state.replaceAll(" ", "-")}` }, summary.state)
    standing.replaceChildren(stateText, ` ${standingText(summary)}`)
    bar.value = summary.totalUpdates > 0 ? Math.min(summary.update / summary.totalUpdates, 1) : 0
    bar.setAttribute("aria-label", `${runName(summary)}: ${Math.round(100 * bar.value)}% done`)
    warned.textContent = warningText(summary)
    const address = summary.image === null ? "" : imageAddress(id, summary.image.path, summary.image.update)
    if (address === source) return
    source = address
    image.toggleAttribute("hidden", address === "")
    if (address === "") return
    image.src = address
    image.alt = `${runName(summary)}: samples after ${summary.image?.update ?? 0} updates`
  }
  return { root, show }
}

const warningText = ({ problem, notFinite, warning, warnings }: RunSummary): string => {
  if (notFinite !== null) return `not finite: ${notFinite}`
  if (warning !== null)
    return `${warnings === 1 ? "warning" : `${warnings} warnings`}, update ${warning.update}: ${warning.message}`
  return problem ?? ""
}
