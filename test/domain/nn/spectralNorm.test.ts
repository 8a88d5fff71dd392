import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Matrix, SingularValueDecomposition } from "ml-matrix"
import { convolutionParameters } from "../../../src/domain/nn/convolution.ts"
import { embeddingParameters } from "../../../src/domain/nn/embedding.ts"
import { linearParameters } from "../../../src/domain/nn/linear.ts"
import { mlpParameters } from "../../../src/domain/nn/mlp.ts"
import { spectralNorm, spectralVectors } from "../../../src/domain/nn/spectralNorm.ts"
import { multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { sum } from "../../../src/domain/tensor/broadcast.ts"
import { gradient } from "../../../src/domain/tensor/gradient.ts"
import type { Shape } from "../../../src/domain/tensor/Shape.ts"
import { placeholder } from "../../../src/domain/tensor/source.ts"
import { assertClose } from "../../support/assertClose.ts"
import { evaluateNamed } from "../../support/evaluateNamed.ts"
import { assertGradient } from "../../support/gradientCheck.ts"
import { normals } from "../../support/randomNumbers.ts"

const decomposed = (values: Float64Array, rows: number) => {
  const matrix = Matrix.from1DArray(rows, values.length / rows, values)
  const { diagonal, leftSingularVectors } = new SingularValueDecomposition(matrix, { autoTranspose: true })
  const greatest = diagonal.indexOf(Math.max(...diagonal))
  return { greatest: diagonal[greatest] ?? 0, left: leftSingularVectors.getColumn(greatest) }
}

/** sigma, W / sigma and the next u of one weight. */
const normalise = (shape: Shape, weight: Float64Array, u: Float64Array) => {
  const { parameters, sigmas, vectors } = spectralNorm(
    { layer: { weight: placeholder("w", shape) } },
    { "layer.weight": placeholder("u", shape.slice(0, 1)) }
  )
  const roots = [sigmas["layer.weight"], parameters.layer.weight, vectors["layer.weight"]].flatMap((x) => x ?? [])
  const [sigma, normalised, next] = evaluateNamed(roots, { w: weight, u })
  if (sigma === undefined || normalised === undefined || next === undefined) return assert.fail("no numbers")
  return { sigma: sigma[0] ?? Number.NaN, normalised, next }
}

const shapes = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 2 }), fc.constant(2), fc.constant(3))
)

describe("spectralNorm", () => {
  it("tends to the greatest singular value, from below, and makes it 1", () => {
    fc.assert(
      fc.property(shapes, fc.nat(1000), fc.constantFrom(1e-3, 1, 50), (shape, seed, scale) => {
        const rows = shape[0]
        const weight = Float64Array.from(normals(seed, "weight", shape), (x) => x * scale)
        const { greatest } = decomposed(weight, rows)
        let u = normals(seed, "u", [rows])
        let before = 0
        for (let step = 0; step < 60; step++) {
          const { sigma, next } = normalise(shape, weight, u)
          assert.isAtMost(sigma, greatest * (1 + 1e-9))
          assert.isAtLeast(sigma, before * (1 - 1e-9), "sigma never falls while the weight stays")
          assert.closeTo(Math.hypot(...next), 1, 1e-9)
          before = sigma
          u = next
        }
        assert.isAtLeast(before, greatest * 0.97)
        const { normalised } = normalise(shape, weight, u)
        assert.closeTo(decomposed(normalised, rows).greatest, 1, 0.03)
      }),
      { numRuns: 40 }
    )
  })

  it("has the derivative of W over its greatest singular value, once u is the singular vector", () => {
    const shape = [4, 3]
    const numbers = normals(3, "weight", shape)
    const weight = Float64Array.from(numbers)
    const [w, u, c] = [placeholder("w", shape), placeholder("u", [4]), placeholder("c", shape)]
    const loss = sum(multiply(spectralNorm({ weight: w }, { weight: u }).parameters.weight, c))
    const given = { w: weight, u: Float64Array.from(decomposed(weight, 4).left), c: normals(4, "c", shape) }
    // Finite differences see the estimate's own dependence on W, which vanishes at the singular vectors.
    assertGradient(loss, { w }, given)
  })

  it("takes u and v for constants anywhere: the derivative of equation 12", () => {
    const shape = [4, 3]
    const weight = Float64Array.from(normals(5, "weight", shape))
    const u = Float64Array.from(normals(6, "u", [4]))
    const c = Float64Array.from(normals(7, "c", shape))
    const [w, uOf, cOf] = [placeholder("w", shape), placeholder("u", [4]), placeholder("c", shape)]
    const loss = sum(multiply(spectralNorm({ weight: w }, { weight: uOf }).parameters.weight, cOf))
    const [found = new Float64Array(0)] = evaluateNamed([gradient(loss, { w }).w], { w: weight, u, c })
    const { sigma, normalised, next } = normalise(shape, weight, u)
    const back = [0, 1, 2].map((j) => [0, 1, 2, 3].reduce((s, i) => s + (weight[3 * i + j] ?? 0) * (u[i] ?? 0), 0))
    const length = Math.hypot(...back)
    const along = normalised.reduce((total, x, i) => total + x * (c[i] ?? 0), 0)
    const expected = c.map(
      (x, i) => (x - along * (next[Math.floor(i / 3)] ?? 0) * ((back[i % 3] ?? 0) / length)) / sigma
    )
    assertClose(found, expected, 1e-9)
  })

  it("leaves a weight of zeros as it is", () => {
    const { sigma, normalised, next } = normalise([2, 3], new Float64Array(6), Float64Array.of(1, 1))
    assert.isTrue([sigma, ...normalised, ...next].every(Number.isFinite))
    assert.isTrue(normalised.every((x) => x === 0))
  })

  it("leaves what has no vector as it is, and refuses a vector of no parameter", () => {
    const [weight, bias] = [placeholder("w", [2, 3]), placeholder("b", [3])]
    const { parameters } = spectralNorm({ weight, bias }, { weight: placeholder("u", [2]) })
    assert.strictEqual(parameters.bias, bias)
    assert.notStrictEqual(parameters.weight, weight)
    assert.throws(() => spectralNorm({ bias }, { weight: placeholder("u", [2]) }), /"weight"/)
  })
})

describe("spectralVectors", () => {
  it("are one for every matrix, kernel and table, and none for biases", () => {
    const normal = { kind: "normal", standardDeviation: 1 } as const
    const vectors = spectralVectors({
      layers: mlpParameters(7, [5, 1]),
      last: linearParameters(3, 2),
      convolution: convolutionParameters(2, 6, 3, normal),
      classes: embeddingParameters(10, 4)
    })
    const shapesOf = Object.fromEntries(Object.entries(vectors).map(([path, { shape }]) => [path, shape]))
    assert.deepStrictEqual(shapesOf, {
      "layers.layer1.weight": [7],
      "layers.layer2.weight": [5],
      "last.weight": [3],
      "convolution.kernel": [6],
      "classes.table": [10]
    })
    assert.isTrue(Object.values(vectors).every(({ trained }) => trained === false))
  })
})
