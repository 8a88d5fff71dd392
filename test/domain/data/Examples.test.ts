import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import {
  bytes,
  examples,
  floats,
  gather,
  imageExamples,
  integers,
  labelledExamples,
  oneHot,
  whole,
  windows
} from "../../../src/domain/data/Examples.ts"
import { gatherImages } from "../../../src/domain/data/Images.ts"
import { labelledImages } from "../../../src/domain/data/LabelledImages.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

const byte = fc.integer({ min: 0, max: 255 })
/** Six examples of three numbers, and indices into them. */
const rows = fc.array(byte, { minLength: 18, maxLength: 18 })
const indices = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 9 })

/** A view of the values within a larger buffer. */
const within = <A extends { readonly subarray: (from: number, to: number) => A }>(
  values: ReadonlyArray<number>,
  from: (values: ReadonlyArray<number>) => A
): A => from([99, 98, 97, ...values, 96]).subarray(3, 3 + values.length)

describe("gather", () => {
  it("gives the examples that were asked for, in their order, of arrays of every kind", () => {
    fc.assert(
      fc.property(rows, indices, (values, indices) => {
        const set = examples({
          floats: floats(
            [3],
            Float32Array.from(values, (x) => x / 7)
          ),
          tokens: integers(
            [3],
            Uint16Array.from(values, (x) => 200 * x)
          ),
          pixels: bytes([3, 1], Uint8Array.from(values)),
          first: integers(
            [],
            Uint32Array.from([0, 1, 2, 3, 4, 5], (i) => (values[3 * i] ?? 0) * 50_000)
          ),
          classes: oneHot(
            Uint8Array.from([0, 1, 2, 3, 4, 5], (i) => (values[3 * i] ?? 0) % 4),
            4
          )
        })
        const rowsOf = (f: (x: number) => number) =>
          Float32Array.from(
            indices.flatMap((i) => values.slice(3 * i, 3 * i + 3)),
            f
          )
        const n = indices.length
        assert.deepStrictEqual(gather(set, indices), {
          floats: tensorData(
            [n, 3],
            rowsOf((x) => x / 7)
          ),
          tokens: tensorData(
            [n, 3],
            rowsOf((x) => 200 * x)
          ),
          pixels: tensorData(
            [n, 3, 1],
            rowsOf((x) => x / 255)
          ),
          first: tensorData(
            [n],
            Float32Array.from(indices, (i) => (values[3 * i] ?? 0) * 50_000)
          ),
          classes: tensorData(
            [n, 4],
            Float32Array.from(indices.flatMap((i) => [0, 1, 2, 3].map((c) => (c === (values[3 * i] ?? 0) % 4 ? 1 : 0))))
          )
        })
      })
    )
  })

  it("reads views of larger buffers from where they begin", () => {
    const values = [1, 2, 3, 4]
    const set = examples({
      floats: floats([2], within(values, Float32Array.from.bind(Float32Array))),
      bytes: bytes([2], within(values, Uint8Array.from.bind(Uint8Array))),
      integers: integers([2], within(values, Uint16Array.from.bind(Uint16Array))),
      oneHot: oneHot(within([1, 0], Uint32Array.from.bind(Uint32Array)), 2)
    })
    assert.deepStrictEqual(gather(set, [1]), {
      floats: tensorData([1, 2], Float32Array.of(3, 4)),
      bytes: tensorData([1, 2], Float32Array.of(3 / 255, 4 / 255)),
      integers: tensorData([1, 2], Float32Array.of(3, 4)),
      oneHot: tensorData([1, 2], Float32Array.of(1, 0))
    })
  })

  it("gives a byte as its quotient by 255, rounded to float32", () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const { x } = gather(examples({ x: bytes([256], all) }), [0])
    assert.deepStrictEqual(
      [...x.values],
      Array.from(all, (byte) => Math.fround(byte / 255))
    )
  })

  it("overwrites what stood where a class is written", () => {
    const into = new Float32Array(5).fill(7)
    oneHot(Uint8Array.of(0, 2), 3).copy(1, into, 1)
    assert.deepStrictEqual([...into], [7, 0, 0, 1, 7])
  })

  it("gives numbers of its own, which may be written to", () => {
    const values = Float32Array.of(1, 2)
    const set = examples({ x: floats([], values) })
    gather(set, [0, 1]).x.values.fill(7)
    assert.deepStrictEqual([...values], [1, 2])
    assert.deepStrictEqual([...gather(set, [1, 1]).x.values], [2, 2])
  })

  it("refuses indices outside and none at all", () => {
    const set = examples({ x: floats([], Float32Array.of(1, 2)) })
    for (const index of [2, -1, 0.5, Number.NaN]) {
      assert.throws(() => gather(set, [0, index]), RangeError, `there is no example ${index} in a set of 2`)
    }
    assert.throws(() => gather(set, []), RangeError, "no examples were asked for, and there are no empty tensors")
  })
})

describe("arrays of examples", () => {
  it("hold whole examples, one or more", () => {
    const wrong = [
      [() => floats([3], new Float32Array(4)), "4 numbers are not one or more examples of shape [3]"],
      [() => floats([2, 2], new Float32Array(0)), "0 numbers are not one or more examples of shape [2, 2]"],
      [() => integers([2], new Uint16Array(3)), "3 numbers are not one or more examples of shape [2]"],
      [() => bytes([1, 2, 2], new Uint8Array(6)), "6 numbers are not one or more examples of shape [1, 2, 2]"],
      [() => oneHot(new Uint8Array(0), 3), "0 numbers are not one or more examples of shape []"],
      [() => floats([0], new Float32Array(0)), "0 numbers are not one or more examples of shape [0]"],
      [() => floats([-2, -1], new Float32Array(4)), "4 numbers are not one or more examples of shape [-2, -1]"],
      [() => floats([1.5], new Float32Array(3)), "3 numbers are not one or more examples of shape [1.5]"]
    ] as const
    for (const [make, message] of wrong) assert.throws(make, RangeError, message)
  })

  it("of whole numbers hold none that float32 would round", () => {
    assert.throws(
      () => integers([], Uint32Array.of(1, 2 ** 24 + 1)),
      RangeError,
      "number 1 is 16777217: beyond 16777216 a tensor cannot tell it from others"
    )
    const greatest = examples({ x: integers([], Uint32Array.of(2 ** 24)) })
    assert.deepStrictEqual([...gather(greatest, [0]).x.values], [2 ** 24])
  })

  it("of classes say which label lies outside of them, and have one class at least", () => {
    assert.throws(
      () => oneHot(Uint8Array.of(0, 2, 3, 4), 3),
      RangeError,
      "example 2 has the label 3, but there are 3 classes (from 0)"
    )
    for (const classes of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(
        () => oneHot(Uint8Array.of(0), classes),
        RangeError,
        `labels are of a positive whole number of classes, not of ${classes}`
      )
    }
  })

  it("have as many examples each: the message names both that differ", () => {
    const [two, three] = [floats([], new Float32Array(2)), floats([2], new Float32Array(6))]
    assert.throws(() => examples({ x: two, y: two, z: three }), RangeError, '"x" has 2 examples, but "z" has 3')
    assert.throws(() => examples({}), RangeError, "examples need at least one array")
    assert.strictEqual(examples({ x: two, y: two }).count, 2)
  })
})

describe("whole", () => {
  it("gives all examples in their order", () => {
    const set = examples({ x: floats([2], Float32Array.of(1, 2, 3, 4, 5, 6)), n: integers([], Uint8Array.of(7, 8, 9)) })
    assert.deepStrictEqual(whole(set), {
      x: tensorData([3, 2], Float32Array.of(1, 2, 3, 4, 5, 6)),
      n: tensorData([3], Float32Array.of(7, 8, 9))
    })
  })
})

describe("images as examples", () => {
  const set = syntheticImages({ count: 5, channels: 2, height: 3, width: 4, seed: 1, stream: "test" })

  it("are the array `images`, each number its byte over 255", () => {
    assert.deepStrictEqual(gather(imageExamples(set), [4, 0]).images, gatherImages(set, [4, 0]))
  })

  it("have their classes as `labels` of ones and zeros", () => {
    const labelled = Result.getOrThrow(labelledImages(set, "the images of a test", 10))
    const { images, labels } = gather(labelledExamples(labelled), [3])
    assert.deepStrictEqual(images, gatherImages(set, [3]))
    assert.deepStrictEqual(labels.shape, [1, 10])
    assert.strictEqual(labels.values.indexOf(1), labelled.labels[3])
    assert.strictEqual(
      [...labels.values].reduce((sum, x) => sum + x, 0),
      1
    )
  })

  it("are refused if there are none", () => {
    assert.throws(() => imageExamples({ ...set, count: 0, pixels: new Uint8Array(0), labels: undefined }), RangeError)
  })
})

// The names of arrays are known to the compiler.
describe("an array that there is not", () => {
  it("does not compile", () => {
    const batch = gather(examples({ x: floats([], Float32Array.of(1)) }), [0])
    // @ts-expect-error: the array is "x"
    assert.isUndefined(batch.y)
  })
})

describe("windows of a sequence", () => {
  const sequence = Uint8Array.of(1, 2, 3, 4, 5, 6, 7)
  const all = (length: number, stride?: number) => [
    ...whole(examples({ x: windows(length, sequence, stride) })).x.values
  ]

  it("begin at every so many of its numbers, and end where the last whole one does", () => {
    assert.deepStrictEqual(all(3), [1, 2, 3, 4, 5, 6])
    assert.deepStrictEqual(all(3, 2), [1, 2, 3, 3, 4, 5, 5, 6, 7])
    assert.deepStrictEqual(all(2, 5), [1, 2, 6, 7])
    assert.deepStrictEqual(all(7), [...sequence])
  })

  it("are refused where there is none, or its numbers would be rounded", () => {
    assert.throws(() => all(8), RangeError, "7 numbers are not a window of 8")
    assert.throws(() => all(3, 0), RangeError, "the stride of windows is 0")
    assert.throws(() => all(1.5), RangeError, "the length of windows is 1.5")
    assert.throws(() => windows(1, Uint32Array.of(2 ** 24 + 1)), RangeError, "16777217")
  })
})
