import { button, byId, element, labelled, slider } from "../elements.ts"
import { unpacked } from "../packed.ts"
import { paint } from "../paint.ts"
import { picturesOf } from "../play/pictures.ts"
import { filters, glimpses } from "./drawing.ts"
import type { Command, Frame, LessonName, LessonSettings, News } from "./messages.ts"
import { paintPlane } from "./paintPlane.ts"

const usual: { readonly [L in LessonName]: LessonSettings } = {
  plane: { lesson: "plane", rateOfD: 1e-3, rateOfG: 1e-3, modes: 8, start: "marginals" },
  digits: { lesson: "digits", rateOfD: 1e-3, rateOfG: 1e-3, modes: 8, start: "marginals" }
}

/** A generator whose opponent stands still runs after what that one liked last: all samples become one. */
const collapsing = { rateOfD: 0, rateOfG: 5e-3 }

const playable = {
  title: "digits",
  origin: "",
  latents: [],
  labels: [],
  output: { name: "images", kind: "images" },
  steps: { count: glimpses, filters }
} as const

const fastest = 200

/** What a picture is called before it is drawn. */
const unseen = "not drawn yet"

const main = async (): Promise<void> => {
  const source = new Blob([byId("worker").textContent ?? ""], { type: "text/javascript" })
  const worker = new Worker(URL.createObjectURL(source))
  const tell = (command: Command, transfer: Array<Transferable> = []): void => worker.postMessage(command, transfer)

  let settings = usual.plane
  let playing = true
  let shownStep = glimpses
  let last: Frame | undefined

  const plane = element("canvas", { role: "img", class: "plane", width: 560, height: 560, "aria-label": unseen })
  const digits = Array.from({ length: 12 }, () => element("canvas", { role: "img", "aria-label": unseen }))
  const stage = byId("stage")
  const status = byId("status")

  const show = (): void => {
    if (last === undefined || last.lesson !== settings.lesson) return
    status.textContent = statusOf(last)
    document.documentElement.dataset["update"] = String(last.update)
    document.documentElement.dataset["rate"] = last.perSecond.toFixed(1)
    if (last.plane !== undefined) {
      paintPlane(plane, last.plane)
      plane.setAttribute(
        "aria-label",
        `${last.plane.modes} of ${settings.modes} Gaussians found; ${percent(last.plane.share)} of the points lie on one`
      )
    }
    if (last.digits !== undefined) {
      picturesOf(playable, { ...last.digits }, shownStep).forEach(({ raster, caption }, i) => {
        const canvas = digits[i]
        if (canvas === undefined) return
        paint(canvas, raster)
        canvas.setAttribute("aria-label", caption)
      })
    }
  }
  const statusOf = (frame: Frame): string =>
    [
      `update ${frame.update}`,
      `${frame.perSecond.toFixed(0)} a second`,
      `loss of D ${frame.lossOfD.toFixed(2)}, of G ${frame.lossOfG.toFixed(2)}`,
      ...(frame.plane === undefined
        ? []
        : [
            `${frame.plane.modes} of ${settings.modes} Gaussians found`,
            `${percent(frame.plane.share)} of the points on one`
          ])
    ].join(" · ")

  worker.addEventListener("message", ({ data }: MessageEvent<News>) => {
    if (data.kind === "failed") return fail(data.problem)
    last = data.frame
    show()
  })
  worker.addEventListener("error", ({ message }) => fail(message))

  const play = button("Pause", () => setPlaying(!playing), { class: "main" })
  const step = button("Step", () => tell({ kind: "step" }))
  const setPlaying = (next: boolean): void => {
    playing = next
    play.textContent = next ? "Pause" : "Play"
    step.disabled = next
    tell({ kind: "play", playing })
  }
  step.disabled = true
  const speed = slider(
    "Speed",
    { min: 0, max: 1, step: 0.01, value: 1 },
    (value) => tell({ kind: "speed", perSecond: value === 1 ? 100_000 : fastest ** value }),
    (value) => (value === 1 ? "as fast as it goes" : `${(fastest ** value).toFixed(0)} a second`)
  )

  const rate = (player: "rateOfD" | "rateOfG", label: string) =>
    slider(
      label,
      { min: -5, max: -2, step: 0.1, value: Math.log10(usual.plane[player]) },
      (value) => change({ [player]: value <= -5 ? 0 : 10 ** value }),
      (value) => (value <= -5 ? "0: stands still" : (10 ** value).toPrecision(2))
    )
  const rates = { rateOfD: rate("rateOfD", "Learning rate of D"), rateOfG: rate("rateOfG", "Learning rate of G") }
  const modes = slider("Gaussians", { min: 1, max: 12, step: 1, value: 8 }, (value) => change({ modes: value }))
  const start = element(
    "select",
    {},
    element("option", { value: "marginals" }, "the mean of the digits"),
    element("option", { value: "zero" }, "black")
  )
  start.addEventListener("change", () => change({ start: start.value === "zero" ? "zero" : "marginals" }))
  const steps = slider(
    "Step shown",
    { min: 0, max: glimpses, step: 1, value: glimpses },
    (t) => {
      shownStep = t
      show()
    },
    (t) => `${t} of ${glimpses}`
  )

  const change = (part: Partial<LessonSettings>): void => {
    settings = { ...settings, ...part }
    for (const player of ["rateOfD", "rateOfG"] as const) {
      const value = settings[player]
      rates[player].set(value === 0 ? -5 : Math.log10(value))
    }
    tell({ kind: "settings", settings })
  }
  const open = (lesson: LessonName): void => {
    settings = usual[lesson]
    modes.set(settings.modes)
    start.value = settings.start
    for (const each of ["plane", "digits"] as const) {
      tabs[each].setAttribute("aria-pressed", String(each === lesson))
      byId(`about-${each}`).hidden = each !== lesson
    }
    stage.className = `stage ${lesson}`
    stage.replaceChildren(...(lesson === "plane" ? [plane] : digits))
    modes.root.hidden = lesson !== "plane"
    steps.root.hidden = lesson !== "digits"
    starts.hidden = lesson !== "digits"
    status.textContent = "Getting ready .."
    change({})
  }
  const tabs = {
    plane: button("Points in the plane", () => open("plane")),
    digits: button("Digits, by attention", () => open("digits"))
  }
  const starts = labelled("The canvas begins as", start)
  byId("tabs").replaceChildren(tabs.plane, tabs.digits)
  byId("controls").replaceChildren(
    element(
      "div",
      { class: "buttons" },
      play,
      step,
      button("Reset", () => tell({ kind: "reset" }))
    ),
    speed.root,
    rates.rateOfD.root,
    rates.rateOfG.root,
    modes.root,
    steps.root,
    starts,
    element(
      "div",
      { class: "buttons" },
      button("Cause a collapse", () => change(collapsing)),
      button("Let D learn again", () =>
        change({ rateOfD: usual[settings.lesson].rateOfD, rateOfG: usual[settings.lesson].rateOfG })
      )
    )
  )
  const [engine, file] = await Promise.all([unpacked("engine"), unpacked("digits")])
  tell({ kind: "open", engine, digits: file, settings }, [engine.buffer, file.buffer])
  open("plane")
}

const percent = (share: number): string => `${(100 * share).toFixed(0)}%`

const fail = (cause: unknown): void => {
  const status = byId("status")
  status.setAttribute("role", "alert")
  status.textContent = `The lesson cannot be given here: ${cause instanceof Error ? cause.message : String(cause)}`
}

main().catch(fail)
