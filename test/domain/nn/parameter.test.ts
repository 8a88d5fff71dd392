import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  type Initialiser,
  initialise,
  type ParameterSpec,
  parameterCount,
  parameterPlaceholders,
  trainedParameters,
  trainedTensors,
  updatedParameters
} from "../../../src/domain/nn/parameter.ts"
import { negate } from "../../../src/domain/tensor/arithmetic.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { filled, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import type { Tree } from "../../../src/domain/tensor/Tree.ts"

const marginals = {
  mean: tensorData([1, 1, 2, 2], Float32Array.of(0, 0.25, 0.5, 1)),
  sample: tensorData([1, 1, 2, 2], Float32Array.of(1, 0, 0.75, 0.5))
}

const specOf = (shape: ReadonlyArray<number>, initialiser: Initialiser): ParameterSpec => ({ shape, initialiser })

const firstValues = (spec: ParameterSpec, seed = 1): Float32Array | Float64Array => {
  const first = initialise({ it: spec }, seed, marginals)["it"]
  assert.deepStrictEqual(first?.shape, spec.shape)
  return first?.values ?? new Float32Array(0)
}

const moments = (numbers: Float32Array | Float64Array) => {
  const values = Array.from(numbers)
  const mean = values.reduce((total, value) => total + value, 0) / values.length
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length
  return { mean, deviation: Math.sqrt(variance) }
}

const logit = (p: number): number => Math.log(p / (1 - p))

const initialiser: fc.Arbitrary<Initialiser> = fc.oneof(
  fc.record({ kind: fc.constant("constant" as const), value: fc.double({ min: -5, max: 5, noNaN: true }) }),
  fc.record({ kind: fc.constant("normal" as const), standardDeviation: fc.double({ min: 0, max: 5, noNaN: true }) }),
  fc.record({ kind: fc.constant("uniform" as const), bound: fc.double({ min: 0, max: 5, noNaN: true }) }),
  fc.record({ kind: fc.constant("glorot" as const), scale: fc.double({ min: 0, max: 5, noNaN: true }) })
)
const spec: fc.Arbitrary<ParameterSpec> = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  initialiser
})
const names = fc.constantFrom("weight", "bias", "rnn", "window", "initialHidden", "patch")
const flatTree: fc.Arbitrary<Record<string, ParameterSpec>> = fc.dictionary(names, spec, { minKeys: 1 })
const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER })

describe("initialise", () => {
  it("is a pure function of the seed, the path and the marginals", () => {
    fc.assert(
      fc.property(flatTree, seeds, (tree, seed) => {
        assert.deepStrictEqual(initialise({ g: tree }, seed, marginals), initialise({ g: tree }, seed, marginals))
      })
    )
  })

  it("gives a parameter the same numbers whatever else the tree holds", () => {
    fc.assert(
      fc.property(flatTree, spec, seeds, (tree, added, seed) => {
        const before = initialise(tree, seed, marginals)
        const after = initialise({ aNewOne: added, ...tree, another: { deep: added } }, seed, marginals)
        for (const [path, data] of Object.entries(before)) assert.deepStrictEqual(after[path], data)
        assert.sameMembers(Object.keys(after), [...Object.keys(before), "aNewOne", "another.deep"])
      })
    )
  })

  it("draws other numbers for another seed and for another path", () => {
    const normal = specOf([50], { kind: "normal", standardDeviation: 1 })
    const tree = { a: normal, b: { a: normal } }
    const [one, two] = [initialise(tree, 1, marginals), initialise(tree, 2, marginals)]
    assert.notDeepEqual(one["a"], two["a"])
    assert.notDeepEqual(one["a"], one["b.a"])
  })

  it("constant: the value everywhere", () => {
    assert.deepStrictEqual(
      Array.from(firstValues(specOf([2, 3], { kind: "constant", value: -1.5 }))),
      [-1.5, -1.5, -1.5, -1.5, -1.5, -1.5]
    )
  })

  // 40,000 draws: the standard error of a mean is deviation / 200, that of a deviation less.
  it("normal: mean 0 and the given deviation", () => {
    const { mean, deviation } = moments(firstValues(specOf([40_000], { kind: "normal", standardDeviation: 3 })))
    assert.closeTo(mean, 0, 0.06)
    assert.closeTo(deviation, 3, 0.06)
  })

  it("uniform: within the bound, reaching nearly to it, with mean 0 and deviation bound / sqrt 3", () => {
    const values = firstValues(specOf([40_000], { kind: "uniform", bound: 0.05 }))
    assert.isTrue(values.every((value) => Math.abs(value) <= Math.fround(0.05)))
    assert.isAbove(Math.max(...values), 0.0499)
    assert.isBelow(Math.min(...values), -0.0499)
    const { mean, deviation } = moments(values)
    assert.closeTo(mean, 0, 1e-3)
    assert.closeTo(deviation, 0.05 / Math.sqrt(3), 1e-3)
  })

  it("glorot: variance 2 scale^2 / (inputs + outputs), within the bound of Glorot 2010", () => {
    const values = firstValues(specOf([100, 300], { kind: "glorot", scale: 2 }))
    const bound = 2 * Math.sqrt(6 / 400)
    assert.isTrue(values.every((value) => Math.abs(value) <= bound * (1 + 1e-6)))
    const { mean, deviation } = moments(values)
    assert.closeTo(mean, 0, 5e-3)
    assert.closeTo(deviation, 2 * Math.sqrt(2 / 400), 3e-3)
  })

  it("glorot with scale 0: zeros", () => {
    assert.isTrue(firstValues(specOf([3, 4], { kind: "glorot", scale: 0 })).every((value) => value === 0))
  })

  it("glorot of a vector: refused, with the path and the shape", () => {
    const tree: Tree<ParameterSpec> = { rnn: { bias: specOf([7], { kind: "glorot", scale: 1 }) } }
    assert.throws(() => initialise(tree, 1, marginals), RangeError, /"rnn\.bias".*\[7\]/)
  })

  it.each([
    { of: "mean", as: "value", expected: [0, 0.25, 0.5, 1] },
    { of: "sample", as: "value", expected: [1, 0, 0.75, 0.5] },
    { of: "mean", as: "logit", expected: [logit(0.01), logit(0.25), 0, logit(0.99)] },
    { of: "sample", as: "logit", expected: [logit(0.99), logit(0.01), logit(0.75), 0] }
  ] as const)("marginals: the $of of each pixel as its $as, black and white kept finite", ({ of, as, expected }) => {
    const values = firstValues(specOf([1, 1, 2, 2], { kind: "marginals", of, as }))
    expected.forEach((value, i) => {
      assert.closeTo(values[i] ?? Number.NaN, value, 1e-6)
    })
  })

  it("given values are taken as they are, and refused where they do not fill the parameter", () => {
    const spec = (values: ReadonlyArray<number>) => ({
      rnn: { shape: [3], initialiser: { kind: "values", values } as const }
    })
    assert.deepStrictEqual(Array.from(initialise(spec([1, -2, 0.5]), 1, marginals)["rnn"]?.values ?? []), [1, -2, 0.5])
    assert.throws(() => initialise(spec([1, 2]), 1, marginals), RangeError, /"rnn": 2 values.*\[3\]/)
  })

  it("marginals for a tensor of another size: refused, with the path", () => {
    const tree = { initialCanvas: specOf([1, 1, 3, 3], { kind: "marginals", of: "mean", as: "value" }) }
    assert.throws(() => initialise(tree, 1, marginals), RangeError, /initialCanvas/)
  })

  it("leaves the marginals as they were", () => {
    const mine = { mean: filled([2], 0.5), sample: filled([2], 0.5) }
    const first = initialise({ c: specOf([2], { kind: "marginals", of: "mean", as: "value" }) }, 1, mine)
    first["c"]?.values.fill(7)
    assert.deepStrictEqual(Array.from(mine.mean.values), [0.5, 0.5])
  })
})

describe("parameterCount", () => {
  it("is the number of all trainable numbers", () => {
    fc.assert(
      fc.property(flatTree, (tree) => {
        const sizes = Object.values(tree).map(({ shape }) => sizeOf(shape))
        assert.strictEqual(parameterCount({ one: tree, two: tree }), 2 * sizes.reduce((total, size) => total + size, 0))
      })
    )
  })
})

describe("parameterPlaceholders", () => {
  it("are named by their path under the prefix and have the parameters' shapes", () => {
    const tree = { rnn: { weight: specOf([2, 3], { kind: "glorot", scale: 1 }) } }
    const { rnn } = parameterPlaceholders(tree, "generator")
    assert.deepStrictEqual(rnn.weight.op === "placeholder" ? rnn.weight.parameters.name : "", "generator.rnn.weight")
    assert.deepStrictEqual(rnn.weight.shape, [2, 3])
  })
})

describe("parameters that no gradient moves", () => {
  const weight = specOf([2, 3], { kind: "glorot", scale: 1 })
  const statistic: ParameterSpec = { ...specOf([3], { kind: "constant", value: 1 }), trained: false }
  const specs = { layer: { weight, statistic }, output: weight }

  it("are neither counted nor given to an optimizer, but begin like others", () => {
    assert.strictEqual(parameterCount(specs), 12)
    assert.deepStrictEqual(trainedParameters(specs), { "layer.weight": weight, output: weight })
    assert.deepStrictEqual(Array.from(initialise(specs, 1, marginals)["layer.statistic"]?.values ?? []), [1, 1, 1])
  })

  it("stay as they are in an update, unless it has made them as well", () => {
    const parameters = parameterPlaceholders(specs, "it")
    const trained = trainedTensors(specs, parameters)
    assert.deepStrictEqual(trained, { "layer.weight": parameters.layer.weight, output: parameters.output })
    const [moved, made] = [negate(parameters.output), negate(parameters.layer.statistic)]
    assert.deepStrictEqual(updatedParameters(parameters, { output: moved }), { ...parameters, output: moved })
    const both = updatedParameters(parameters, { output: moved }, { "layer.statistic": made })
    assert.deepStrictEqual(both, { layer: { ...parameters.layer, statistic: made }, output: moved })
  })
})
