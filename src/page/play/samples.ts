import { latentParts, type Playable } from "../../domain/exchange/Playable.ts"
import { latentsBetween, latentsOfSeed, movedLatents } from "../../domain/exchange/playedLatents.ts"
import type { LatentStep } from "../../domain/model/latentPlan.ts"
import { held } from "../../domain/record/own.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type NamedTensors, tensorData } from "../../domain/tensor/TensorData.ts"

/** How many images a page shows. */
export const shownSamples = 10

/** How many points in the plane it shows. */
export const shownPoints = 100

/** What a user has chosen. */
export interface Choice {
  readonly seed: number
  /** For each part of the random numbers, in the order of `latentParts`. */
  readonly plan: ReadonlyArray<LatentStep>
  /** Two samples, from 0, whose way from one to the other is shown; none if samples are shown by themselves. */
  readonly way?: { readonly from: number; readonly to: number } | undefined
  /** Single numbers set by hand: of a sample, by the index in its row of a latent. */
  readonly numbers: ReadonlyMap<string, number>
  /** Classes, in turn, by the input's name. */
  readonly classes: Readonly<Record<string, ReadonlyArray<number>>>
}

/** The name of one random number in `Choice.numbers`. */
export const numberKey = (sample: number, latent: number, index: number): string => `${sample} ${latent} ${index}`

/** How many samples a generator's page shows. */
export const shownOf = ({ output }: Playable): number => (output.kind === "points" ? shownPoints : shownSamples)

/** What the generator is given for a choice: random numbers `[count, ...sizes]` and classes. */
export const inputsFor = (playable: Playable, choice: Choice): NamedTensors => {
  const count = shownOf(playable)
  const parts = latentParts(playable)
  const latents = playable.latents.map((latent, l) => {
    const row = sizeOf(latent.sizes)
    const drawn = latentsOfSeed(latent, { seed: choice.seed, count }).slice()
    for (let sample = 0; sample < count; sample++) {
      parts.forEach(({ latent: of, from, to }, p) => {
        const step = choice.plan[p]
        if (of !== l || step === undefined) return
        const at = sample * row
        drawn.set(movedLatents(latent.distribution, drawn.slice(at + from, at + to), step), at + from)
      })
    }
    for (const [key, value] of choice.numbers) {
      const [sample = 0, of = 0, index = 0] = key.split(" ").map(Number)
      if (of === l) drawn[sample * row + index] = value
    }
    const rowOf = (sample: number): Float32Array => drawn.slice(sample * row, (sample + 1) * row)
    const { way } = choice
    if (way !== undefined) {
      const [a, b] = [rowOf(way.from), rowOf(way.to)]
      for (let i = 0; i < count; i++) {
        drawn.set(latentsBetween(latent.distribution, a, b, i / (count - 1)), i * row)
      }
    }
    return [latent.name, tensorData([count, ...latent.sizes], drawn)] as const
  })
  const labels = playable.labels.map(({ name, classes }) => {
    const asked = held(choice.classes, name)
    const ofSample = (i: number): number => asked[i % asked.length] ?? 0
    return [
      name,
      classes === undefined
        ? tensorData(
            [count],
            Float32Array.from({ length: count }, (_, i) => ofSample(i))
          )
        : tensorData(
            [count, classes],
            Float32Array.from({ length: count * classes }, (_, i) =>
              i % classes === ofSample(Math.floor(i / classes)) ? 1 : 0
            )
          )
    ] as const
  })
  return Object.fromEntries([...latents, ...labels])
}
