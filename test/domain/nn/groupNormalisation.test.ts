import { assert, describe, it } from "@effect/vitest"
import {
  groupNormalisation,
  groupNormalisationParameters,
  layerNormalisation,
  layerNormalisationParameters
} from "../../../src/domain/nn/groupNormalisation.ts"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { ShapeError } from "../../../src/domain/tensor/Rule.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { weightedSum } from "../../../src/testing/losses.ts"
import { evaluateOne } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { assertAgree } from "../../support/numbers.ts"
import { normals } from "../../support/randomNumbers.ts"

/** The rows of so many numbers, each with mean 0 and variance 1 (but for epsilon). */
const standardised = (values: Float64Array, width: number): ReadonlyArray<number> =>
  Array.from({ length: values.length / width }, (_, i) => {
    const row = [...values.slice(i * width, (i + 1) * width)]
    const mean = row.reduce((a, b) => a + b, 0) / width
    const variance = row.reduce((total, n) => total + (n - mean) ** 2, 0) / width
    return row.map((n) => (n - mean) / Math.sqrt(variance + 1e-5))
  }).flat()

describe("layerNormalisation", () => {
  const norm = parameterPlaceholders(layerNormalisationParameters(4), "norm")
  const x = placeholder("x", [3, 4])
  const numbers = {
    x: normals(1, "x", [3, 4]),
    "norm.scale": [1, 2, -1, 0.5],
    "norm.shift": [0, 1, 2, 3]
  }

  it("gives each row mean 0 and variance 1, then gamma and beta", () => {
    const wanted = standardised(numbers.x, 4).map(
      (n, i) => n * (numbers["norm.scale"][i % 4] ?? 0) + (numbers["norm.shift"][i % 4] ?? 0)
    )
    assertAgree(evaluateOne(layerNormalisation(norm, x), numbers), wanted, 1e-12, "layer normalisation")
  })

  it("has the gradient of finite differences", () =>
    assertGradient(
      weightedSum(layerNormalisation(norm, x)),
      { x, "norm.scale": norm.scale, "norm.shift": norm.shift },
      numbers
    ))
})

describe("groupNormalisation", () => {
  const norm = parameterPlaceholders(groupNormalisationParameters(4), "norm")
  const x = placeholder("x", [2, 4, 2, 3])
  const numbers = { x: normals(2, "x", [2, 4, 2, 3]), "norm.scale": [1, 2, -1, 0.5], "norm.shift": [0, 1, 2, 3] }

  it("gives each group of an example's channels mean 0 and variance 1, then gamma and beta by channel", () => {
    for (const groups of [1, 2, 4]) {
      const wanted = standardised(numbers.x, 24 / groups).map((n, i) => {
        const channel = Math.floor(i / 6) % 4
        return n * (numbers["norm.scale"][channel] ?? 0) + (numbers["norm.shift"][channel] ?? 0)
      })
      assertAgree(evaluateOne(groupNormalisation(norm, x, groups), numbers), wanted, 1e-12, `${groups} groups`)
    }
  })

  it("has the gradient of finite differences", () =>
    assertGradient(
      weightedSum(groupNormalisation(norm, x, 2)),
      { x, "norm.scale": norm.scale, "norm.shift": norm.shift },
      numbers
    ))

  it("refuses groups that do not divide the channels", () => {
    for (const groups of [3, 0, 1.5]) assert.throws(() => groupNormalisation(norm, x, groups), ShapeError)
  })
})
