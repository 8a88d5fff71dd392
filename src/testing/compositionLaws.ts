import { gelu, silu } from "../domain/nn/activation.ts"
import { embedding } from "../domain/nn/embedding.ts"
import { groupNormalisation, layerNormalisation } from "../domain/nn/groupNormalisation.ts"
import { add, square } from "../domain/tensor/arithmetic.ts"
import { categoricalNoise, integerNoise } from "../domain/tensor/discreteNoise.ts"
import { gradient } from "../domain/tensor/gradient.ts"
import { cumulativeSum, oneHot } from "../domain/tensor/indices.ts"
import { reshape } from "../domain/tensor/movement.ts"
import { pow } from "../domain/tensor/power.ts"
import { constant, full, placeholder } from "../domain/tensor/source.ts"
import { agreesWithReference } from "./againstReference.ts"
import { type Law, makeLaw } from "./Law.ts"
import { bentLoss } from "./losses.ts"
import { float32, programOf } from "./programs.ts"

const x = placeholder("x", [2, 4])
const scale = placeholder("scale", [4])
const perChannel = reshape(scale, [1, 4, 1, 1])
const positive = add(square(x), 0.25)
const indices = constant(float32([3, 0, 1, 3, 2, 4], [2, 3]))

/** What is made of primitives and has a gradient. */
const smooth = {
  "pow 3": pow(x, 3),
  "pow -2": pow(positive, -2),
  "pow 1.5": pow(positive, 1.5),
  gelu: gelu(x),
  silu: silu(x),
  cumulativeSum: cumulativeSum(x),
  embedding: embedding({ table: reshape(x, [4, 2]) }, indices),
  layerNormalisation: layerNormalisation({ scale, shift: scale }, x),
  groupNormalisation: groupNormalisation({ scale: perChannel, shift: perChannel }, reshape(x, [1, 4, 1, 2]), 2)
}

/** Draws and choices: whole numbers, the same to the last one. */
const whole = {
  oneHot: oneHot(indices, 4),
  integerNoise: integerNoise("integers", 7, [5, 9]),
  categoricalNoise: categoricalNoise("classes", full([40, 4], 0.25))
}

/** The language's compositions, with their gradients, and its draws of whole numbers. */
export const compositionLaws = (drift: number): ReadonlyArray<Law> => {
  const parameters = { x, scale }
  const gradients = Object.entries(smooth).flatMap(([name, tensor]) =>
    Object.entries(gradient(bentLoss([tensor]), parameters)).map(
      ([parameter, of]) => [`gradient of ${name} by ${parameter}`, of] as const
    )
  )
  const named = [...Object.entries(smooth), ...gradients]
  const inputs = {
    x: float32([-1.5, 0.25, 2, -0.5, 0.75, 1.25, -2, 1], [2, 4]),
    scale: float32([1, -0.5, 2, 0.75], [4])
  }
  const agree = (name: string, given: typeof parameters | Record<never, never>, roots: typeof named, part: number) =>
    agreesWithReference(
      programOf(
        name,
        given,
        roots.map(([, root]) => root)
      ),
      "x" in given ? inputs : {},
      (_, greatest) => part * greatest,
      (output) => roots[Number(output)]?.[0] ?? output
    )
  return [
    makeLaw(
      "graphs",
      "compositions and their gradients agree with Reference",
      agree("compositions", parameters, named, drift)
    ),
    makeLaw(
      "graphs",
      "draws of whole numbers are those of Reference",
      agree("whole numbers", {}, Object.entries(whole), 0)
    )
  ]
}
