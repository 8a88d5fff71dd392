import type { ActivationName } from "../../../../src/domain/nn/activation.ts"
import { entry, type Matrix, matrixOf, plainRead, plainWindow, plainWrite } from "../../attention/plainAttention.ts"

/**
 * Eq. 1-8 for one sample in plain loops over nested arrays, written from the paper and independent of the library: what
 * the tests of the attention GAN compare with.
 */

/** Parameters by their paths under `generator` or `discriminator`, row-major. */
export type PlainParameters = Readonly<Record<string, ArrayLike<number>>>

/** What eq. 1-8 need to know besides the parameters. */
export interface PlainSizes {
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly filters: number
  readonly glimpses: number
  readonly activation: ActivationName
}

type Vector = ReadonlyArray<number>

const sigmas: Readonly<Record<ActivationName, (x: number) => number>> = {
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0)
}

/** The numbers at a path. Throws if there are none. */
const at = (parameters: PlainParameters, path: string): Vector => {
  const values = parameters[path]
  if (values === undefined) throw new RangeError(`no parameter "${path}"`)
  return Array.from(values)
}

/** `W(x)`: weights `[inputs, outputs]` row-major, and a bias. */
const plainLinear = (parameters: PlainParameters, path: string, x: Vector): Vector => {
  const [weight, bias] = [at(parameters, `${path}.weight`), at(parameters, `${path}.bias`)]
  return bias.map((start, j) => {
    let total = start
    x.forEach((value, i) => {
      total += value * (weight[i * bias.length + j] ?? Number.NaN)
    })
    return total
  })
}

/** `RNN[h, x] = sigma(Wx(x) + Wh(h))` (eq. 1). */
const plainCell = (parameters: PlainParameters, activation: ActivationName, hidden: Vector, x: Vector): Vector => {
  const fromHidden = plainLinear(parameters, "rnn.hidden", hidden)
  return plainLinear(parameters, "rnn.input", x).map((value, j) =>
    sigmas[activation](value + (fromHidden[j] ?? Number.NaN))
  )
}

/** How an image came about: the canvases `c_0..c_T`, a matrix a channel, and the five raw numbers of each window. */
export interface PlainDrawing {
  readonly canvases: ReadonlyArray<ReadonlyArray<Matrix>>
  readonly windowNumbers: ReadonlyArray<Vector>
}

/** Eq. 6-8 for one sample; `latents` are `z_1..z_T`. Canvases are `c_t` itself, without a link. */
export const plainDrawing = (
  parameters: PlainParameters,
  sizes: PlainSizes,
  latents: ReadonlyArray<Vector>
): PlainDrawing => {
  const { channels, height, width, filters } = sizes
  const start = at(parameters, "initialCanvas")
  let hidden = at(parameters, "initialHidden")
  let canvas: ReadonlyArray<Matrix> = Array.from({ length: channels }, (_, c) =>
    matrixOf(height, width, (b, a) => start[(c * height + b) * width + a] ?? Number.NaN)
  )
  const canvases = [canvas]
  const windowNumbers: Array<Vector> = []
  for (const z of latents) {
    hidden = plainCell(parameters, sizes.activation, hidden, z)
    const numbers = plainLinear(parameters, "window", hidden)
    const window = plainWindow(numbers, sizes)
    const w = plainLinear(parameters, "patch", hidden)
    canvas = canvas.map((channel, c) => {
      const patch = matrixOf(filters, filters, (i, j) => w[(c * filters + i) * filters + j] ?? Number.NaN)
      const drawn = plainWrite(patch, window, height, width)
      return matrixOf(height, width, (b, a) => entry(channel, b, a) + entry(drawn, b, a))
    })
    canvases.push(canvas)
    windowNumbers.push(numbers)
  }
  return { canvases, windowNumbers }
}

/** Eq. 3-5 for one image, a matrix a channel: the logit of `D(x)`. */
export const plainLogit = (parameters: PlainParameters, sizes: PlainSizes, image: ReadonlyArray<Matrix>): number => {
  let hidden = at(parameters, "initialHidden")
  for (let t = 1; t <= sizes.glimpses; t++) {
    const window = plainWindow(plainLinear(parameters, "window", hidden), sizes)
    const reading = image.flatMap((channel) => plainRead(channel, window, sizes.filters).flat())
    hidden = plainCell(parameters, sizes.activation, hidden, [...reading, ...hidden])
  }
  return plainLinear(parameters, "output", hidden)[0] ?? Number.NaN
}
