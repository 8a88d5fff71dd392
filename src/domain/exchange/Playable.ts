import type { Distribution } from "../tensor/Tensor.ts"

/** Random numbers that a generator on a page is given: the input `[batch, ...sizes]` of this name. */
export interface PlayedLatent {
  readonly name: string
  /** The noise stream that `fovea sample` draws them from, and its axis that counts the batch. */
  readonly stream: string
  readonly batchAxis: number
  readonly sizes: ReadonlyArray<number>
  readonly distribution: Distribution
}

/** An input that says what is to be drawn: a class as a whole number `[batch]`, or as one of `classes` places `[batch, classes]`. */
export interface PlayedLabel {
  readonly name: string
  readonly classes?: number
}

/** What a page is told of the generator in it: how to feed it and what it gives. */
export interface Playable {
  readonly title: string
  /** How it came about, in a sentence. */
  readonly origin: string
  readonly latents: ReadonlyArray<PlayedLatent>
  readonly labels: ReadonlyArray<PlayedLabel>
  /** Images `[batch, channels, B, A]` in [0, 1], or points in the plane `[batch, 2]`, under their name. */
  readonly output: { readonly name: string; readonly kind: "images" | "points" }
  /** T and N, of a generator that draws through a window: it gives `canvases` and `windows` as well. */
  readonly steps?: { readonly count: number; readonly filters: number }
}

/** A part of the random numbers that is turned by itself: those of one step of a drawing, or a whole input. */
export interface LatentPart {
  /** Which of the latents, and where in a row of it. */
  readonly latent: number
  readonly from: number
  readonly to: number
  readonly label: string
}

/** The parts of a generator's random numbers: one for each step where it draws in steps, one for each other input. */
export const latentParts = ({ latents, steps }: Playable): ReadonlyArray<LatentPart> =>
  latents.flatMap(({ name, sizes }, latent) => {
    const size = sizes.reduce((product, axis) => product * axis, 1)
    const [count = 1] = sizes
    if (steps === undefined || sizes.length < 2 || count !== steps.count) {
      return [{ latent, from: 0, to: size, label: latents.length === 1 ? "All numbers" : name }]
    }
    const width = size / count
    return Array.from({ length: count }, (_, t) => ({
      latent,
      from: t * width,
      to: (t + 1) * width,
      label: `Step ${t + 1}`
    }))
  })
