import { type LatentPart, latentParts, type Playable } from "../../domain/exchange/Playable.ts"
import type { LatentStep } from "../../domain/model/latentPlan.ts"
import { held } from "../../domain/record/own.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { button, element, labelled, type Slider, slider } from "../elements.ts"
import { type Choice, numberKey, shownSamples } from "./samples.ts"

/** Changes the choice; the page then draws. */
export type Choose = (change: Partial<Choice>) => void

const asTrained: LatentStep = { mean: 0, deviation: 1 }
const still: LatentStep = { mean: 0, deviation: 0 }

/** The plan of a generator as it was trained: nothing is moved. */
export const plainPlan = (playable: Playable): ReadonlyArray<LatentStep> => latentParts(playable).map(() => asTrained)

/**
 * The sliders of each part of the random numbers, mean and spread, and the paper's probes by hand: only this part random,
 * all others still.
 */
export const planControls = (playable: Playable, choose: Choose): HTMLElement => {
  const parts = latentParts(playable)
  let plan = plainPlan(playable)
  const rows: Array<readonly [deviation: Slider, mean: Slider]> = []
  const put = (next: ReadonlyArray<LatentStep>): void => {
    plan = next
    rows.forEach(([deviation, mean], i) => {
      deviation.set(next[i]?.deviation ?? 1)
      mean.set(next[i]?.mean ?? 0)
    })
    choose({ plan, numbers: new Map() })
  }
  const move = (at: number, change: Partial<LatentStep>): void => {
    plan = plan.map((step, i) => (i === at ? { ...step, ...change } : step))
    choose({ plan, numbers: new Map() })
  }
  const lines = parts.map(({ label }, i) => {
    const deviation = slider(
      `${label}: spread`,
      { min: 0, max: 4, step: 0.05, value: 1 },
      (value) => move(i, { deviation: value }),
      (value) => (value === 1 ? "1, as trained" : value.toFixed(2))
    )
    const mean = slider(`${label}: mean`, { min: -3, max: 3, step: 0.05, value: 0 }, (value) =>
      move(i, { mean: value })
    )
    rows.push([deviation, mean])
    const only = (): void => put(parts.map((_, other) => (other === i ? asTrained : still)))
    return element(
      "li",
      {},
      deviation.root,
      mean.root,
      ...(parts.length > 1
        ? [button("Only this one random", only, { "aria-label": `${label}: only this one random` })]
        : [])
    )
  })
  return element(
    "div",
    {},
    element(
      "p",
      { class: "buttons" },
      button("As trained", () => put(parts.map(() => asTrained))),
      button("None random", () => put(parts.map(() => still)))
    ),
    element("ol", { class: "parts" }, ...lines)
  )
}

/** The way from one sample to another. */
export const wayControls = (choose: Choose): HTMLElement => {
  const choices = Array.from({ length: shownSamples }, (_, i) => i)
  const select = (value: number) => {
    const made = element("select", {}, ...choices.map((i) => element("option", { value: i }, String(i + 1))))
    made.value = String(value)
    return made
  }
  const [from, to] = [select(0), select(1)]
  const shown = element("input", { type: "checkbox" })
  const change = (): void =>
    choose({ way: shown.checked ? { from: Number(from.value), to: Number(to.value) } : undefined })
  for (const field of [from, to, shown]) field.addEventListener("change", change)
  return element(
    "div",
    { class: "buttons" },
    element("label", { class: "field" }, shown, element("span", {}, "Show the way")),
    labelled("from sample", from),
    labelled("to sample", to)
  )
}

/** A field of classes: whole numbers, taken in turn. */
export const classControls = (playable: Playable, choose: Choose): ReadonlyArray<HTMLElement> => {
  let chosen = plainClasses(playable)
  return playable.labels.map(({ name, classes }) => {
    const field = element("input", {
      type: "text",
      inputmode: "numeric",
      size: 16,
      value: held(chosen, name).join(" ")
    })
    const largest = (classes ?? Number.MAX_SAFE_INTEGER + 1) - 1
    field.addEventListener("input", () => {
      const words = field.value.split(/[\s,]+/).filter((word) => word !== "")
      const numbers = words.map(Number)
      const right = numbers.length > 0 && numbers.every((n) => Number.isSafeInteger(n) && n >= 0 && n <= largest)
      field.setCustomValidity(
        right ? "" : `Whole numbers from 0${classes === undefined ? "" : ` to ${largest}`}, one or more`
      )
      field.setAttribute("aria-invalid", String(!right))
      field.reportValidity()
      if (!right) return
      chosen = { ...chosen, [name]: numbers }
      choose({ classes: chosen })
    })
    return labelled(`${name}, in turn`, field)
  })
}

/** The classes that a page begins with: the first ten where it is known how many there are, else class 0. */
export const plainClasses = ({ labels }: Playable): Choice["classes"] =>
  Object.fromEntries(
    labels.map(({ name, classes = 1 }) => [name, Array.from({ length: Math.min(classes, shownSamples) }, (_, i) => i)])
  )

/** Most random numbers of one part that have sliders. */
const mostNumbers = 128

/** A slider for each random number of one part of one sample, as `inputs` have them. */
export const numberSliders = (
  playable: Playable,
  part: LatentPart,
  sample: number,
  inputs: NamedTensors,
  set: (key: string, value: number) => void
): HTMLElement => {
  const latent = playable.latents[part.latent]
  const data = latent === undefined ? undefined : Object.entries(inputs).find(([name]) => name === latent.name)?.[1]
  if (latent === undefined || data === undefined) return element("p", {}, "No random numbers.")
  const row = data.values.length / (data.shape[0] ?? 1)
  const isNormal = latent.distribution.kind === "normal"
  const sliders = Array.from({ length: Math.min(part.to - part.from, mostNumbers) }, (_, i) => {
    const index = part.from + i
    const value = data.values[sample * row + index] ?? 0
    const range = isNormal ? { min: -4, max: 4, step: 0.01 } : { min: 0, max: 1, step: 0.01 }
    const made = slider(`${i + 1}`, { ...range, value }, (moved) => set(numberKey(sample, part.latent, index), moved))
    made.input.setAttribute("aria-label", `Random number ${i + 1}`)
    return made.root
  })
  const rest = part.to - part.from - sliders.length
  return element(
    "div",
    { class: "numbers" },
    ...sliders,
    ...(rest > 0 ? [element("p", {}, `and ${rest} more, which have no sliders`)] : [])
  )
}
