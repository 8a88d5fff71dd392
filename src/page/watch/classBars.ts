import { byId, element } from "../elements.ts"
import { chosenRuns, type PageState } from "./state.ts"
import { runName } from "./words.ts"

/** Runs whose classes are shown side by side. */
const mostShown = 12

/**
 * Shows of the chosen runs which classes a classifier saw in the last samples that were measured, if any were (`--measure`). Gives what
 * shows them again.
 */
export const classBars = (state: PageState): (() => void) => {
  const section = byId("classes-section")
  const place = byId("classes")
  let shown = ""
  return () => {
    const runs = chosenRuns(state)
      .flatMap(({ summary, course }) => (course?.classes ? [{ name: runName(summary), shares: course.classes }] : []))
      .slice(0, mostShown)
    const key = JSON.stringify(runs)
    if (key === shown) return
    shown = key
    section.hidden = runs.length === 0
    place.replaceChildren(
      ...runs.map(({ name, shares }) =>
        element("figure", {}, element("figcaption", {}, element("strong", {}, name)), barsOf(name, shares))
      )
    )
  }
}

const barsOf = (name: string, shares: ReadonlyArray<number>): HTMLElement => {
  const most = Math.max(...shares, 1e-9)
  const told = shares.map((share, i) => `${i}: ${Math.round(100 * share)}%`)
  const bars = element("div", {
    class: "bars",
    role: "img",
    "aria-label": `${name}, share of each class: ${told.join(", ")}`
  })
  for (const [i, share] of shares.entries()) {
    const bar = element("span", { class: "bar", title: told[i] ?? "" })
    bar.style.height = `${(100 * share) / most}%`
    bars.append(element("span", { class: "of" }, bar, element("small", {}, String(i))))
  }
  return bars
}
