import { byId } from "../elements.ts"
import type { RunNews } from "./api.ts"
import { classBars } from "./classBars.ts"
import { curves } from "./curves.ts"
import { fetching } from "./fetching.ts"
import { imageColumns } from "./images.ts"
import { runList } from "./runList.ts"
import { noticeList, runPanel } from "./runPanel.ts"
import { settingsTable } from "./settings.ts"
import { initialState } from "./state.ts"

/** Runs that are shown to who comes for the first time. */
const mostAtFirst = 4

const standing = byId("standing")
const missing = [
  ...(typeof EventSource === "undefined" ? ["server-sent events"] : []),
  ...(typeof IntersectionObserver === "undefined" ? ["the intersection observer"] : []),
  ...(typeof ResizeObserver === "undefined" ? ["the resize observer"] : [])
]

const begin = (): void => {
  const state = initialState()
  const isReturn = state.chosen.length > 0
  let told = 0
  let problem = ""

  const say = (): void => {
    const runs = [...state.runs.values()]
    const running = runs.filter(({ summary }) => summary.state === "running").length
    const count = runs.length === 1 ? "1 run" : `${runs.length} runs`
    standing.textContent = `${count}, ${running} going on.${problem === "" ? "" : ` ${problem}`}`
  }

  const settings = settingsTable(state)
  const notices = noticeList(state)
  const classes = classBars(state)
  const panel = runPanel(state, () => fetches.wake())
  const images = imageColumns(state)
  const drawn = curves(state)
  const showDetails = (): void => {
    images.changed()
    settings()
    panel()
  }
  const fetches = fetching(state, {
    course: () => {
      problem = ""
      drawn.changed()
      notices()
      classes()
    },
    details: showDetails,
    failed: (text) => {
      problem = text
      say()
    }
  })
  const chosen = (): void => {
    drawn.changed()
    notices()
    classes()
    showDetails()
    fetches.wake()
  }
  const list = runList(state, chosen)

  const take = ({ changed, gone, more }: RunNews): void => {
    told++
    for (const id of gone) state.runs.delete(id)
    for (const { summary, version } of changed) {
      const known = state.runs.get(summary.id)
      if (known === undefined) state.runs.set(summary.id, { summary, version })
      else Object.assign(known, { summary, version })
    }
    if (told === 1 && !(isReturn && state.chosen.some((id) => state.runs.has(id)))) {
      const newest = [...state.runs.values()].toSorted(
        (a, b) =>
          Number(b.summary.state === "running") - Number(a.summary.state === "running") ||
          (b.summary.lastAt ?? 0) - (a.summary.lastAt ?? 0)
      )
      state.chosen = newest
        .slice(0, mostAtFirst)
        .map(({ summary }) => summary.id)
        .toSorted()
    }
    byId("more").toggleAttribute("hidden", !more)
    standing.classList.remove("lost")
    say()
    list.update(changed.map(({ summary }) => summary.id))
    if (gone.length > 0 || told === 1) chosen()
    else {
      panel()
      fetches.wake()
    }
  }

  const listen = (): void => {
    const events = new EventSource("/api/events")
    events.addEventListener("runs", (event) => {
      const news: RunNews = JSON.parse(event.data)
      take(news)
    })
    events.addEventListener("quiet", () => standing.classList.remove("lost"))
    events.addEventListener("error", () => {
      standing.classList.add("lost")
      standing.textContent =
        "The server does not answer: fovea watch was stopped, or too many pages are open. Trying again .."
      if (events.readyState !== EventSource.CLOSED) return
      // A refusal ends it for good, a lost connection does not.
      setTimeout(listen, 5000)
    })
    // A new connection is told of all runs, those that went meanwhile are reported by nobody.
    events.addEventListener("open", () => state.runs.clear())
  }
  listen()
}

if (missing.length === 0) begin()
else standing.textContent = `This browser lacks ${missing.join(" and ")}, without which the page cannot follow runs.`
