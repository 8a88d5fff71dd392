import { assert, describe, it } from "@effect/vitest"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { clamp } from "../../../src/domain/tensor/comparison.ts"
import { conv2d, convTranspose2d } from "../../../src/domain/tensor/convolution.ts"
import { matmul } from "../../../src/domain/tensor/matmul.ts"
import { concatenate, pad, reshape, slice, transpose } from "../../../src/domain/tensor/movement.ts"
import { makeProgram } from "../../../src/domain/tensor/Program.ts"
import { printExpressions, printProgram } from "../../../src/domain/tensor/print.ts"
import { max } from "../../../src/domain/tensor/reduction.ts"
import { bernoulliNoise, constant, full, normalNoise, placeholder } from "../../../src/domain/tensor/source.ts"

/** Lines without the spaces that align them. */
const squeezed = (text: string): ReadonlyArray<string> =>
  text.split("\n").map((line) => line.trim().replaceAll(/ +/g, " "))

describe("printProgram", () => {
  it("prints state, inputs, body, next state that changes, and outputs", () => {
    const [total, kept, x] = [placeholder("state.total", [2]), placeholder("state.kept", []), placeholder("x", [3, 2])]
    const program = makeProgram({
      name: "average",
      state: { total, kept },
      inputs: { x },
      next: { total: add(total, sum(x, [0])), kept },
      outputs: { kept, twice: multiply(total, 2) }
    })
    assert.strictEqual(
      printProgram(program),
      [
        "program average",
        "state   total: [2]",
        "state   kept: []",
        "input   x: [3, 2]",
        "  %1 = sum(x) {axes: [0]}                          : [2]",
        "  %2 = add(state.total, %1)                        : [2]",
        "  %3 = multiply(state.total, 2)                    : [2]",
        "next    total = %2",
        "output  kept = state.kept",
        "output  twice = %3"
      ].join("\n")
    )
  })
})

describe("printExpressions", () => {
  const x = placeholder("x", [2, 3])

  it("shows the parameters of every kind of primitive", () => {
    const text = printExpressions([
      transpose(x),
      reshape(x, [6]),
      slice(x, [0, 1], [2, 2]),
      pad(x, [1, 0], [0, 2]),
      concatenate([x, x], 1),
      sum(x, [1], true),
      max(x, [0]),
      clamp(x, -1, 1),
      matmul(x, x, { transposeB: true })
    ])
    assert.deepStrictEqual(squeezed(text), [
      "%1 = transpose(x) {permutation: [1, 0]} : [3, 2]",
      "%2 = reshape(x) : [6]",
      "%3 = slice(x) {starts: [0, 1], sizes: [2, 2]} : [2, 2]",
      "%4 = pad(x) {before: [1, 0], after: [0, 2]} : [3, 5]",
      "%5 = concatenate(x, x) {axis: 1} : [2, 6]",
      "%6 = sum(x) {axes: [1], keepAxes} : [2, 1]",
      "%7 = max(x) {axes: [0]} : [3]",
      "%8 = clamp(x) {lowest: -1, highest: 1} : [2, 3]",
      "%9 = matmul(x, x) {transposeB} : [2, 2]",
      "in %1, %2, %3, %4, %5, %6, %7, %8, %9"
    ])
  })

  it("shows how a convolution's kernel moves", () => {
    const [image, kernel] = [placeholder("image", [1, 2, 9, 7]), placeholder("kernel", [3, 2, 3, 3])]
    const y = conv2d(image, kernel, { strides: [2, 1], padding: 1 })
    const back = convTranspose2d(y, kernel, { strides: [2, 1], padding: 1 })
    const moves = "strides: [2, 1], dilations: [1, 1], before: [1, 1], after: [1, 1]"
    assert.deepStrictEqual(squeezed(printExpressions([back])), [
      `%1 = conv2d(image, kernel) {${moves}} : [1, 3, 5, 7]`,
      `%2 = convTranspose2d(%1, kernel) {${moves}, size: [9, 7]} : [1, 2, 9, 7]`,
      "in %2"
    ])
  })

  it("shows sources: scalars inline, literals in short, noise with its stream and distribution", () => {
    const text = printExpressions([
      add(full([2], 0.5), 3),
      constant({ shape: [2], values: Float64Array.of(1, 2) }),
      constant({ shape: [4], values: Float64Array.of(1, 2, 3, 4) }),
      constant({ shape: [5], values: Float64Array.of(1, 2, 3, 4, 5) }),
      normalNoise("z", [2]),
      bernoulliNoise("mask", 0.25, [2]),
      x
    ])
    assert.deepStrictEqual(squeezed(text), [
      "%1 = full() {value: 0.5} : [2]",
      "%2 = add(%1, 3) : [2]",
      "%3 = constant() {1, 2} : [2]",
      "%4 = constant() {1, 2, 3, 4} : [4]",
      "%5 = constant() {1, 2, 3, .. 5 numbers} : [5]",
      "%6 = noise() {z: normal} : [2]",
      "%7 = noise() {mask: bernoulli 0.25} : [2]",
      "in %2, %3, %4, %5, %6, %7, x"
    ])
  })

  it("prints a shared subexpression once", () => {
    const shared = sum(x)
    assert.deepStrictEqual(squeezed(printExpressions([add(shared, shared)])), [
      "%1 = sum(x) {axes: [0, 1]} : []",
      "%2 = add(%1, %1) : []",
      "in %2"
    ])
  })
})
