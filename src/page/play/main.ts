import { latentParts, type Playable } from "../../domain/exchange/Playable.ts"
import { scatterPlot } from "../../domain/image/scatterPlot.ts"
import { held } from "../../domain/record/own.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { button, byId, element, labelled, slider } from "../elements.ts"
import { paint } from "../paint.ts"
import { classControls, numberSliders, plainClasses, plainPlan, planControls, wayControls } from "./controls.ts"
import { openEngine } from "./engine.ts"
import { picturesOf } from "./pictures.ts"
import { type Choice, inputsFor, shownSamples } from "./samples.ts"

const playable: Playable = JSON.parse(byId("playable").textContent ?? "")
const stage = byId("stage")
const controls = byId("controls")
const status = byId("status")

const largestSeed = 1_000_000
const perStep = 700

const main = async (): Promise<void> => {
  const engine = await openEngine()
  let choice: Choice = { seed: 0, plan: plainPlan(playable), numbers: new Map(), classes: plainClasses(playable) }
  let inputs: NamedTensors = {}
  let drawn: NamedTensors = {}
  let chosenSample = 0
  let shownStep = playable.steps?.count ?? 0
  let times = 0

  const canvases = Array.from({ length: playable.output.kind === "images" ? shownSamples : 0 }, () =>
    element("canvas", { role: "img" })
  )
  const samples = canvases.map((canvas, i) => {
    const sample = button("", () => chooseSample(i), { class: "sample", "aria-pressed": String(i === 0) })
    sample.append(canvas)
    return sample
  })
  const plane = element("img", { class: "plane", alt: `${playable.title}: points in the plane` })
  stage.replaceChildren(...(playable.output.kind === "images" ? samples : [plane]))

  const show = (): void => {
    times += 1
    document.documentElement.dataset["drawn"] = String(times)
    if (playable.output.kind === "points") {
      const svg = scatterPlot([held(drawn, playable.output.name)])
      plane.src = `data:image/svg+xml,${encodeURIComponent(svg)}`
      return
    }
    picturesOf(playable, drawn, shownStep).forEach(({ raster, caption }, i) => {
      const canvas = canvases[i]
      if (canvas === undefined) return
      paint(canvas, raster)
      canvas.setAttribute("aria-label", caption)
      canvas.title = caption
    })
  }

  // One run at a time; what is chosen meanwhile is drawn after it, and only the last of it.
  let running: Promise<void> | undefined
  let waiting = false
  const run = async (): Promise<void> => {
    do {
      waiting = false
      const began = performance.now()
      inputs = inputsFor(playable, choice)
      drawn = await engine.run(inputs)
      show()
      const took = performance.now() - began
      status.textContent = `${Object.values(inputs)[0]?.shape[0] ?? 0} samples drawn in ${took.toFixed(0)} ms`
      status.dataset["milliseconds"] = took.toFixed(2)
    } while (waiting)
    running = undefined
  }
  const draw = (): void => {
    waiting = true
    running ??= run().catch(fail)
  }
  const choose = (change: Partial<Choice>): void => {
    choice = { ...choice, ...change }
    draw()
  }

  const seed = element("input", { type: "number", min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, value: choice.seed })
  const seedTo = (value: number): void => {
    const right = Number.isSafeInteger(value) && value >= 0
    seed.setAttribute("aria-invalid", String(!right))
    if (right) choose({ seed: value, numbers: new Map() })
  }
  seed.addEventListener("input", () => seedTo(seed.valueAsNumber))
  const anew = (): void => {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1))
    seed.value = String(random % largestSeed)
    seedTo(random % largestSeed)
  }

  const chooseSample = (sample: number): void => {
    chosenSample = sample
    samples.forEach((each, i) => {
      each.setAttribute("aria-pressed", String(i === sample))
    })
    if (single.open) refillSliders()
  }
  const parts = latentParts(playable)
  const part = element("select", {}, ...parts.map(({ label }, i) => element("option", { value: i }, label)))
  const sliders = element("div")
  const refillSliders = (): void => {
    const chosen = parts[Number(part.value)]
    if (chosen === undefined) return
    const set = (key: string, value: number): void => choose({ numbers: new Map([...choice.numbers, [key, value]]) })
    // Of the sample itself, also where the way between two is shown.
    const { way: _, ...alone } = choice
    sliders.replaceChildren(
      element("p", { class: "hint" }, `Of sample ${chosenSample + 1}; choose another one above.`),
      numberSliders(playable, chosen, chosenSample, inputsFor(playable, alone), set)
    )
  }
  const single = element(
    "details",
    {},
    element("summary", {}, "Single random numbers of a sample"),
    ...(parts.length > 1 ? [labelled("of", part)] : []),
    sliders
  )
  single.addEventListener("toggle", () => single.open && refillSliders())
  part.addEventListener("change", refillSliders)

  const drawing = [
    element(
      "div",
      { class: "buttons" },
      button("Draw anew", anew, { class: "main" }),
      labelled("Seed", seed),
      ...classControls(playable, (change) => choose(change))
    ),
    ...(playable.steps === undefined
      ? []
      : [
          stepControls(playable.steps.count, shownStep, (t) => {
            shownStep = t
            show()
          })
        ])
  ]
  const random = [
    element("h2", {}, parts.length > 1 ? "The random numbers of each step" : "The random numbers"),
    element(
      "p",
      { class: "hint" },
      "The spread says how far from their mean the random numbers lie: 1 as in training, 0 not random at all."
    ),
    planControls(playable, (change) => {
      choose(change)
      if (single.open) refillSliders()
    }),
    single,
    ...(playable.output.kind === "images" ? [element("h2", {}, "From one sample to another"), wayControls(choose)] : [])
  ]
  controls.replaceChildren(...drawing)
  byId("random").replaceChildren(...(playable.latents.length === 0 ? [] : random))
  draw()
  await running
  document.documentElement.dataset["ready"] = "true"
}

/** A slider over the steps 0 to T of a drawing, and a button that plays them. */
const stepControls = (count: number, first: number, go: (t: number) => void): HTMLElement => {
  const steps = slider("Step", { min: 0, max: count, step: 1, value: first }, go, (t) => `${t} of ${count}`)
  let timer: ReturnType<typeof setInterval> | undefined
  const stop = (): void => {
    clearInterval(timer)
    timer = undefined
    play.textContent = "Play"
  }
  const to = (t: number): void => {
    steps.set(t)
    go(t)
  }
  const play = button("Play", () => {
    if (timer !== undefined) return stop()
    play.textContent = "Pause"
    to(steps.input.valueAsNumber === count ? 0 : steps.input.valueAsNumber + 1)
    timer = setInterval(() => {
      to(steps.input.valueAsNumber + 1)
      if (steps.input.valueAsNumber === count) stop()
    }, perStep)
  })
  steps.input.addEventListener("input", stop)
  return element("div", { class: "buttons steps" }, play, steps.root)
}

const fail = (cause: unknown): void => {
  status.setAttribute("role", "alert")
  status.textContent = `The generator cannot be run here: ${cause instanceof Error ? cause.message : String(cause)}`
}

main().catch(fail)
