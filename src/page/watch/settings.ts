import type * as Schema from "effect/Schema"
import { comparedSettings, type SettingsRow } from "../../domain/settings/comparedSettings.ts"
import { breakable, byId, element } from "../elements.ts"
import { chosenRuns, type KnownRun, type PageState } from "./state.ts"
import { runName } from "./words.ts"

/** Runs whose settings are laid side by side. */
const mostCompared = 12

/** Shows in what the settings of the chosen runs differ, and what they share. Gives what shows them again. */
export const settingsTable = (state: PageState): (() => void) => {
  const place = byId("settings")
  let shown = ""
  return () => {
    const runs = chosenRuns(state)
      .filter(({ details }) => details !== undefined && details.settings !== null)
      .slice(0, mostCompared)
    const key = JSON.stringify([
      state.chosen.length,
      ...runs.map(({ summary, details }) => [summary.id, details?.settings])
    ])
    if (key === shown) return
    shown = key
    if (runs.length === 0) {
      place.replaceChildren(
        element(
          "p",
          { class: "empty" },
          state.chosen.length === 0
            ? "Choose a run to see its settings."
            : "The chosen runs have not told their settings yet."
        )
      )
      return
    }
    const { different, common } = comparedSettings(runs.map(settingsOf))
    const shared = element(
      "details",
      {},
      element("summary", {}, runs.length === 1 ? "All settings" : "Settings that all share")
    )
    shared.append(tableOf(runs.length === 1 ? "Of this run." : "The same in all of these runs.", common, ["Value"]))
    if (runs.length === 1) {
      place.replaceChildren(shared)
      return
    }
    place.replaceChildren(
      different.length === 0
        ? element("p", { class: "empty" }, "The chosen runs have the same settings, but for their names and seeds.")
        : tableOf(
            "What the runs differ in.",
            different,
            runs.map(({ summary }) => runName(summary))
          ),
      shared
    )
  }
}

/** The settings as JSON that came from the server, with what the log says besides. */
const settingsOf = ({ details }: KnownRun): Schema.Json => {
  const json: Schema.Json = JSON.parse(JSON.stringify(details?.settings ?? {}))
  const { backend, parameters } = details ?? {}
  const more = { ...(backend && { backend }), ...(typeof parameters === "number" && { parameters }) }
  return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json, ...more } : json
}

const tableOf = (caption: string, rows: ReadonlyArray<SettingsRow>, heads: ReadonlyArray<string>): HTMLElement =>
  element(
    "div",
    { class: "scroller", role: "region", "aria-label": caption, tabindex: 0 },
    element(
      "table",
      {},
      element("caption", {}, caption),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Setting"),
          ...heads.map((head) => element("th", { scope: "col" }, ...breakable(head)))
        )
      ),
      element(
        "tbody",
        {},
        ...rows.map(({ path, values }) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, element("code", {}, ...breakable(path))),
            ...values.slice(0, heads.length).map((value) => element("td", {}, value ?? "–"))
          )
        )
      )
    )
  )
