import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { adam } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { add, multiply, square, subtract } from "../../../src/domain/tensor/arithmetic.ts"
import { tanh } from "../../../src/domain/tensor/elementwise.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { traced } from "../../../src/domain/tensor/origin.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"
import { simplify } from "../../../src/domain/tensor/rewrite/simplify.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import type { Tensor } from "../../../src/domain/tensor/Tensor.ts"

/** The line of this file that calls it, `below` lines further down. */
const lineHere = (below = 0): number => {
  const [, place = ""] =
    /origin\.test\.ts:(\d+):\d+\)?$/m.exec((new Error().stack ?? "").split("\n").slice(2).join("\n")) ?? []
  return Number(place) + below
}

const lineOf = (tensor: Tensor | undefined): number | undefined => tensor?.origin?.calls.at(-1)?.line

describe("origin", () => {
  const x = traced(placeholder("x", [2, 3]))

  it("is the line that wrote an expression, and the calls that led to it", () => {
    const line = lineHere(1)
    const twice = (of: Tensor): Tensor => add(of, tanh(of))
    const outer = twice(x)
    assert.strictEqual(outer.origin?.part, "forward")
    const [caller, writer] = outer.origin?.calls.slice(-2) ?? []
    assert.deepStrictEqual([caller?.line, writer?.line, writer?.name], [line + 1, line, "twice"])
    assert.match(writer?.file ?? "", /\/test\/domain\/tensor\/origin\.test\.ts$/)
  })

  it("is looked up for what is made of a traced expression alone", () => {
    assert.notProperty(tanh(placeholder("y", [2])), "origin")
    assert.isDefined(add(placeholder("y", [2, 3]), x).origin)
  })

  it("of a derivative is that of what is derived, as part of the backward pass", () => {
    const line = lineHere(1)
    const loss = mean(square(x))
    const slope = gradient(loss, x)
    const made = inputsFirst([slope]).filter((node) => node.origin?.part === "backward")
    assert.isAbove(made.length, 2)
    assert.deepStrictEqual([...new Set(made.map(lineOf))], [line])
  })

  it("stays with an expression when others are rewritten, and is inherited by what replaces them", () => {
    const line = lineHere(1)
    const [simple] = simplify([tanh(multiply(multiply(x, 2), 3))])
    assert.deepStrictEqual(simple?.inputs.map(lineOf), [line])
    assert.strictEqual(lineOf(simple), line)
  })

  it("changes nothing of what is computed: the graph as it is written becomes the program's by rewriting", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 3 }), (shards, layers) => {
        const program = make("lines", {
          state: { line: learner({ a: linearParameters(2, 2), b: linearParameters(2, 1) }, adam(0.1)) },
          inputs: { x: [4, 2], y: [4, 1] },
          shards,
          step: ({ line }, { x, y }) => {
            const { next, loss } = descend(line, (p) => {
              const hidden = Array.from({ length: layers }).reduce((h: Tensor) => tanh(linear(p.a, h)), x)
              return mean(square(subtract(linear(p.b, hidden), y)))
            })
            return { next: { line: next }, outputs: { loss } }
          }
        })
        const roots = ({ next, outputs }: typeof program | ReturnType<typeof program.written>) => [
          ...Object.values(next),
          ...Object.values(outputs)
        ]
        const rewritten = simplify(roots(program.written()))
        const without = (tensors: ReadonlyArray<Tensor>) =>
          JSON.stringify(tensors, (key, value) => (key === "origin" ? undefined : value))
        assert.strictEqual(without(rewritten), without(roots(program)))
        assert.isTrue(inputsFirst(roots(program)).every(({ origin }) => origin === undefined))
        const parts = new Set(inputsFirst(rewritten).map(({ origin }) => origin?.part))
        for (const part of ["forward", "backward", "update"] as const) assert.isTrue(parts.has(part), part)
      }),
      { numRuns: 12 }
    )
  })
})
