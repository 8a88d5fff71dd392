import { imageKind } from "../../domain/watch/RunSummary.ts"
import { breakable, button, byId, element, labelled, slider } from "../elements.ts"
import { imageAddress } from "./api.ts"
import { chosenRuns, type KnownRun, type PageState } from "./state.ts"
import { runName } from "./words.ts"

/** The images of the chosen runs, side by side, at any of the updates that they were drawn at. */
export interface ImageColumns {
  readonly changed: () => void
}

/** Runs that are shown side by side, and milliseconds of each image while they play. */
const [mostColumns, playMillis] = [12, 700]

/** Images are known by kinds; each run's first kind is its sheet of samples, whatever it calls it, and steps are drawn by two names. */
const samples = "samples"
const kindIn = (run: KnownRun, path: string): string => {
  const first = run.details?.images[0]?.path
  const kind = imageKind(path).replace(/\.\w+$/, "")
  if (first !== undefined && imageKind(path) === imageKind(first)) return samples
  return kind === "figure-6" ? "steps" : kind
}

interface Shown {
  readonly update: number
  readonly path: string
}

/** The update that a path names, if it does. */
const namedUpdate = (path: string): number | undefined => {
  const found = /(?:^|\/)update-(\d+)/.exec(path)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** The images of a kind, by ascending update; what neither the log nor its own path tells of is taken to be of the run's last update. */
const imagesOf = (run: KnownRun, kind: string): ReadonlyArray<Shown> => {
  const { images = [], others = [] } = run.details ?? {}
  const untold = others.map((path) => ({ path, update: namedUpdate(path) ?? run.summary.update }))
  return [...images, ...untold].filter(({ path }) => kindIn(run, path) === kind).toSorted((a, b) => a.update - b.update)
}

export const imageColumns = (state: PageState): ImageColumns => {
  const place = byId("images")
  const kinds = element("select")
  /** What is shown, and what was asked for: samples are, until somebody asks for something else. */
  let [kind, asked] = [samples, samples]
  let updates: ReadonlyArray<number> = []
  /** Where the slider is; at the newest image while nobody moved it away from there. */
  let at = 0
  let follows = true
  let timer: ReturnType<typeof setInterval> | undefined
  const columns = new Map<string, { readonly root: HTMLElement; readonly show: (run: KnownRun) => void }>()

  const move = (index: number): void => {
    at = index
    follows = at === updates.length - 1
    draw()
  }
  const slide = slider("Update", { min: 0, max: 0, step: 1, value: 0 }, move, (index) => String(updates[index] ?? "–"))
  slide.input.id = "image-slider"
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
    play.textContent = "Play"
  }
  const step = (): void => {
    if (at >= updates.length - 1) stop()
    else {
      slide.set(at + 1)
      move(at + 1)
    }
  }
  const play = button("Play", () => {
    if (timer !== undefined) {
      stop()
      return
    }
    play.textContent = "Pause"
    if (at >= updates.length - 1) {
      slide.set(0)
      move(0)
    }
    timer = setInterval(step, playMillis)
  })
  kinds.addEventListener("change", () => {
    asked = kinds.value
    follows = true
    changed()
  })
  byId("image-tools").append(labelled("Show", kinds), play, slide.root)

  const draw = (): void => {
    const update = updates[at] ?? Number.POSITIVE_INFINITY
    for (const run of chosenRuns(state)) columns.get(run.summary.id)?.show(run)
    slide.input.setAttribute("aria-valuetext", Number.isFinite(update) ? `after ${update} updates` : "no images")
  }
  const columnOf = (id: string) => {
    const image = element("img", { alt: "", decoding: "async" })
    const name = element("strong")
    const said = element("span")
    const root = element("figure", {}, element("figcaption", {}, name, " ", said), image)
    let shown = ""
    return {
      root,
      show: (run: KnownRun): void => {
        const update = updates[at] ?? Number.POSITIVE_INFINITY
        const images = imagesOf(run, kind)
        const found = images.findLast((one) => one.update <= update) ?? images[0]
        const label = found === undefined ? "nothing of this kind yet" : `after ${found.update} updates`
        name.replaceChildren(...breakable(runName(run.summary)))
        said.textContent = label
        const address = found === undefined ? "" : imageAddress(id, found.path, found.update)
        if (address === shown) return
        shown = address
        image.toggleAttribute("hidden", address === "")
        image.alt = `${runName(run.summary)}: ${kind}, ${label}`
        if (address !== "") image.src = address
      }
    }
  }

  const changed = (): void => {
    const runs = chosenRuns(state)
    const found = [...new Set(runs.flatMap((run) => allKinds(run)))]
    const ordered = [...found.filter((one) => one === samples), ...found.filter((one) => one !== samples).toSorted()]
    kind = ordered.includes(asked) ? asked : (ordered[0] ?? samples)
    if ([...kinds.options].map(({ value }) => value).join("\n") !== ordered.join("\n")) {
      kinds.replaceChildren(...ordered.map((value) => element("option", { value }, value.replaceAll("-", " "))))
    }
    kinds.value = kind
    const shown = runs.slice(0, mostColumns)
    const before = updates[at]
    updates = [...new Set(shown.flatMap((run) => imagesOf(run, kind).map(({ update }) => update)))].toSorted(
      (a, b) => a - b
    )
    const same = before === undefined ? -1 : updates.indexOf(before)
    at = follows || same === -1 ? Math.max(updates.length - 1, 0) : same
    slide.input.max = String(Math.max(updates.length - 1, 0))
    slide.set(at)
    slide.input.disabled = updates.length < 2
    play.disabled = updates.length < 2
    for (const [id, { root }] of columns) {
      if (shown.some(({ summary }) => summary.id === id)) continue
      root.remove()
      columns.delete(id)
    }
    for (const { summary } of shown) if (!columns.has(summary.id)) columns.set(summary.id, columnOf(summary.id))
    const wanted = shown.flatMap(({ summary }) => columns.get(summary.id)?.root ?? [])
    if (wanted.length === 0) place.replaceChildren(element("p", { class: "empty" }, "Choose a run to see its images."))
    else if (wanted.some((root, i) => place.children[i] !== root) || place.children.length !== wanted.length) {
      place.replaceChildren(...wanted)
    }
    draw()
  }
  changed()
  return { changed }
}

const allKinds = (run: KnownRun): ReadonlyArray<string> =>
  [...(run.details?.images ?? []).map(({ path }) => path), ...(run.details?.others ?? [])].map((path) =>
    kindIn(run, path)
  )
