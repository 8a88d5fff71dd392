import type { CadenceOf, Command } from "../../domain/watch/Command.ts"
import { button, byId, element, labelled } from "../elements.ts"
import { saveNotes, sendCommand } from "./api.ts"
import { chosenRuns, type PageState } from "./state.ts"
import { runName } from "./words.ts"

/** Warnings that are shown, the newest first. */
const mostNotices = 200

/** Shows what the chosen runs warned of. Gives what shows it again. */
export const noticeList = (state: PageState): (() => void) => {
  const place = byId("notices")
  let shown = ""
  return () => {
    const all = chosenRuns(state)
      .flatMap(({ summary, course }) =>
        (course?.notices ?? []).map((notice) => ({ ...notice, name: runName(summary) }))
      )
      .toSorted((a, b) => b.time - a.time)
      .slice(0, mostNotices)
    const key = JSON.stringify(all)
    if (key === shown) return
    shown = key
    place.replaceChildren(
      all.length === 0
        ? element("p", { class: "empty" }, "None.")
        : element(
            "ol",
            { tabindex: 0, "aria-label": "Warnings, the newest first" },
            ...all.map(({ name, update, time, message }) =>
              element(
                "li",
                {},
                element("strong", {}, name),
                `, update ${update}, ${new Date(time).toLocaleString()}: ${message}`
              )
            )
          )
    )
  }
}

/** Notes on one of the chosen runs, and what it can be told; `chose` is called when another is. Gives what shows them again. */
export const runPanel = (state: PageState, chose: () => void): (() => void) => {
  const place = byId("run")
  const empty = element("p", { class: "empty" }, "Choose a run to write notes on it, or to tell it something.")
  const which = element("select")
  const notes = element("textarea", { maxlength: 60_000, spellcheck: true })
  const said = element("p", { class: "soft", role: "status" })
  const commands = element("div", { class: "tools" })
  let id = ""
  /** What the notes were when they were last read or saved: what somebody is writing is not overwritten. */
  let savedNotes = ""
  let shown = ""

  const telling = async (what: string, doing: Promise<unknown>): Promise<void> => {
    said.textContent = `${what} ..`
    said.textContent = await doing.then(
      () => `${what}: done.`,
      (error: unknown) => `${what}: ${error instanceof Error ? error.message : String(error)}`
    )
  }
  const tell = (what: string, command: Command): void => void telling(what, sendCommand(id, command))

  const save = button("Save the notes", () => {
    const [run, text] = [id, notes.value]
    const saving = saveNotes(run, text).then(() => {
      const known = state.runs.get(run)
      if (known?.details !== undefined) known.details = { ...known.details, notes: text }
      if (run === id) savedNotes = text
    })
    void telling("Saving the notes", saving)
  })
  const stop = button(
    "Stop the run",
    () => {
      if (stop.dataset["sure"] === "yes") {
        delete stop.dataset["sure"]
        stop.textContent = "Stop the run"
        tell("Telling the run to stop, with a checkpoint", { _tag: "Stop" })
        return
      }
      stop.dataset["sure"] = "yes"
      stop.textContent = "Really stop it?"
      said.textContent = "Press again within five seconds to stop the run."
      setTimeout(() => {
        delete stop.dataset["sure"]
        stop.textContent = "Stop the run"
      }, 5000)
    },
    { class: "grave" }
  )
  const checkpoint = button("Save a checkpoint", () =>
    tell("Telling the run to save a checkpoint", { _tag: "Checkpoint" })
  )
  const of = element("select", { "aria-label": "What to change the cadence of" })
  const verbs: ReadonlyArray<readonly [CadenceOf, string]> = [
    ["log", "log"],
    ["checkpoints", "save"],
    ["images", "draw"]
  ]
  of.append(...verbs.map(([value, text]) => element("option", { value }, text)))
  const every = element("input", {
    type: "number",
    min: 1,
    max: 1_000_000_000,
    step: 1,
    value: 100,
    "aria-label": "Updates"
  })
  const change = button("Change", () => {
    const kind = verbs.find(([value]) => value === of.value)?.[0] ?? "log"
    if (!Number.isSafeInteger(every.valueAsNumber) || every.valueAsNumber < 1) {
      said.textContent = "The number of updates must be a whole number from 1 on."
      return
    }
    const what = `Telling the run to ${of.selectedOptions[0]?.text ?? "log"} every ${every.valueAsNumber} updates`
    tell(what, { _tag: "Cadence", of: kind, everyUpdates: every.valueAsNumber })
  })
  const takesNone = element(
    "p",
    { class: "soft" },
    "This run takes no commands. A training that is started with --allow-commands does, while it goes on."
  )
  commands.append(stop, checkpoint, element("span", {}, of, " every ", every, " updates"), change)
  const panel = element(
    "div",
    {},
    element("div", { class: "tools" }, labelled("Run", which)),
    element("label", {}, "Notes, kept in the run's folder as notes.txt", notes),
    element("div", { class: "tools" }, save),
    commands,
    takesNone,
    said
  )
  which.addEventListener("change", () => {
    id = which.value
    state.noted = id
    shown = ""
    show()
    chose()
  })

  const show = (): void => {
    const runs = chosenRuns(state)
    if (runs.length === 0) {
      place.replaceChildren(empty)
      return
    }
    if (!runs.some(({ summary }) => summary.id === id)) {
      id = runs[0]?.summary.id ?? ""
      shown = ""
    }
    const run = state.runs.get(id)
    const key = JSON.stringify([
      runs.map(({ summary }) => [summary.id, summary.name]),
      id,
      run?.summary.obeys,
      run?.details?.notes
    ])
    if (key === shown) return
    if (shown === "") said.textContent = ""
    shown = key
    which.replaceChildren(
      ...runs.map(({ summary }) =>
        element("option", { value: summary.id, selected: summary.id === id }, runName(summary))
      )
    )
    const text = run?.details?.notes
    if (text !== undefined && (notes.value === savedNotes || notes.dataset["run"] !== id)) {
      notes.value = text
      savedNotes = text
      notes.dataset["run"] = id
    }
    notes.disabled = text === undefined
    const obeys = run?.summary.obeys === true
    commands.toggleAttribute("hidden", !obeys)
    takesNone.toggleAttribute("hidden", obeys)
    if (place.firstChild !== panel) place.replaceChildren(panel)
  }
  return show
}
