import { gradient } from "../domain/tensor/gradient.ts"
import { printExpressions, printProgram } from "../domain/tensor/print.ts"
import { agreesWithReference } from "./againstReference.ts"
import { coursesAgree } from "./courses.ts"
import { type Draw, forAll } from "./forAll.ts"
import { type Law, makeLaw } from "./Law.ts"
import { bentLoss } from "./losses.ts"
import { asTensors, programOf } from "./programs.ts"
import { randomExpressions } from "./randomExpressions.ts"
import { randomPrograms } from "./randomPrograms.ts"

const nameOf = (tensor: { readonly op: string; readonly parameters: object }): string =>
  "name" in tensor.parameters && typeof tensor.parameters.name === "string" ? tensor.parameters.name : ""

/** Whole random graphs: primitives that feed one another, shared and differentiated. */
export const graphLaws = (draw: Draw, drift: number): ReadonlyArray<Law> => [
  makeLaw(
    "graphs",
    "random expressions and their gradients agree with Reference",
    forAll(
      randomExpressions(),
      { ...draw, runs: Math.ceil(draw.runs / 2) },
      ({ roots, placeholders, numbers }) => {
        const inputs = Object.fromEntries(placeholders.map((tensor) => [nameOf(tensor), tensor]))
        const wanted = [...roots, ...placeholders.map((parameter) => gradient(bentLoss(roots), parameter))]
        return agreesWithReference(
          programOf("random", inputs, wanted),
          asTensors(inputs, numbers),
          (_, greatest) => drift * greatest,
          (output) => (Number(output) < roots.length ? `root ${output}` : `gradient ${Number(output) - roots.length}`)
        )
      },
      ({ roots }) => printExpressions(roots)
    )
  ),
  makeLaw(
    "graphs",
    "random programs agree with Reference, step by step",
    forAll(
      randomPrograms(),
      { ...draw, runs: Math.ceil(draw.runs / 3) },
      (random) => coursesAgree(random, 2 * drift),
      ({ program }) => printProgram(program)
    )
  )
]
