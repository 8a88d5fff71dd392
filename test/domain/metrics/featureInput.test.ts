import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import {
  describeFeatureInput,
  type FeaturePreparation,
  featureInput,
  prepareImages,
  sizeOfText
} from "../../../src/domain/metrics/featureInput.ts"
import { assertClose } from "../../support/assertClose.ts"
import { float64, generated } from "./samples.ts"

const declared = (
  shape: ReadonlyArray<number | string>,
  metadata: Readonly<Record<string, string>> = {},
  type = "float32"
) => ({ type, shape, metadata: new Map(Object.entries(metadata)) })

const input = (...[of, said = {}]: [ReturnType<typeof declared>, FeaturePreparation?]) =>
  Result.getOrThrow(featureInput(of, said))

const fault = (...[of, said = {}]: [ReturnType<typeof declared>, FeaturePreparation?]) =>
  Result.getOrThrow(Result.flip(featureInput(of, said)))

describe("the input of a network of features", () => {
  it("is read from its shape", () => {
    assert.deepInclude(input(declared(["n", 3, 299, 320])), { layout: "nchw", channels: 3, height: 299, width: 320 })
    assert.deepInclude(input(declared([8, 28, 28, 1])), { layout: "nhwc", channels: 1, batch: 8, height: 28 })
    assert.deepInclude(input(declared(["n", 3, "h", "w"])), { layout: "nchw", height: undefined, range: "0..1" })
    assert.strictEqual(input(declared(["n", 3, 4, 4], {}, "uint8")).range, "0..255")
  })

  it("is what the metadata say, and before these what a person says", () => {
    const metadata = {
      "fovea.layout": "nhwc",
      "fovea.size": "16x12",
      "fovea.range": "-1..1",
      "fovea.mean": "0.5",
      "fovea.std": "2"
    }
    const told = input(declared(["n", "a", "b", "c"], metadata))
    assert.deepInclude(told, { layout: "nhwc", height: 16, width: 12, range: "-1..1" })
    assert.deepStrictEqual([told.mean, told.deviation], [[0.5], [2]])
    assert.strictEqual(describeFeatureInput(told), "images [n, 16, 12, c], values -1..1, less 0.5, over 2")
    const said = input(declared(["n", "a", "b", "c"], metadata), {
      layout: "nchw",
      size: [9, 9],
      range: "0..255",
      mean: [0]
    })
    assert.deepInclude(said, { layout: "nchw", height: 9, width: 9, range: "0..255" })
    // ONNX's own name for it.
    const nominal = { "Image.NominalPixelRange": "NominalRange_0_255" }
    assert.strictEqual(input(declared(["n", 3, 4, 4], nominal)).range, "0..255")
  })

  it.each([
    [declared([1, 10]), {}, /its input is of shape \[1, 10\]; expected images \[n, channels/],
    [declared(["n", 4, 8, 8]), {}, /of shape \[n, 4, 8, 8\]; expected images/],
    [declared(["n", "c", "h", "w"]), {}, /name its layout by --features-layout/],
    [declared(["n", 8, 8, 3]), { layout: "nchw" as const }, /has 8 channels by the layout nchw; expected 1 or 3/],
    [declared(["n", 3, 8, 8]), { size: [9, 8] as const }, /is not of 9 rows and 8 columns, as is asked for/],
    [declared(["n", 3, 8, 8], {}, "int64"), {}, /its input is of int64; expected float32/],
    [declared(["n", 3, 8, 8], {}, "uint8"), { range: "0..1" as const }, /its input is of bytes/],
    [declared(["n", 3, 8, 8]), { mean: [1, 2] }, /the mean has 2 numbers; expected one, or one for each channel/],
    [declared(["n", 3, 8, 8]), { deviation: [0] }, /the standard deviation is \[0\]; expected numbers above 0/],
    [
      declared(["n", 3, 8, 8], { "fovea.range": "0-255" }),
      {},
      /its metadata fovea.range is "0-255"; expected 0..1, 0..255/
    ],
    [declared(["n", 3, 8, 8], { "Image.NominalPixelRange": "NominalRange_16_235" }), {}, /expected NominalRange_0_255/]
  ])("is refused in words: %o %o", (of, said, message) => {
    assert.match(fault(of, said), message)
  })

  it("takes sizes as they are written", () => {
    assert.deepStrictEqual(
      [sizeOfText("299"), sizeOfText("12x34")],
      [
        [299, 299],
        [12, 34]
      ]
    )
    for (const text of ["", "0", "12x", "x12", "-3", "12x34x5", "1e3", "big"]) assert.isUndefined(sizeOfText(text))
  })
})

describe("images for a network of features", () => {
  it("are moved to its range and normalised, channel by channel", () => {
    const said = { range: "0..255" as const, mean: [1, 2, 3], deviation: [2, 4, 8] }
    const { shape, values } = prepareImages(float64([1, 3, 1, 1], [0, 0.5, 1]), input(declared(["n", 3, 1, 1]), said))
    assert.deepStrictEqual([...shape], [1, 3, 1, 1])
    assertClose(values, [-0.5, (127.5 - 2) / 4, (255 - 3) / 8], 1e-12)
    const around = prepareImages(float64([1, 1, 1, 2], [0, 1]), input(declared(["n", 1, 1, 2]), { range: "-1..1" }))
    assertClose(around.values, [-1, 1], 1e-12)
  })

  it("have its channels and its layout", () => {
    const grey = prepareImages(float64([1, 1, 1, 2], [0.25, 0.75]), input(declared(["n", 1, 2, 3]), { layout: "nhwc" }))
    assert.deepStrictEqual([...grey.values], [0.25, 0.25, 0.25, 0.75, 0.75, 0.75])
    const red = float64([1, 3, 1, 1], [1, 0, 0])
    assertClose(prepareImages(red, input(declared(["n", 1, 1, 1]))).values, [0.2126], 1e-12)
    const own = prepareImages(red, input(declared(["n", "c", 1, 1]), { layout: "nchw" }))
    assert.deepStrictEqual([...own.values], [1, 0, 0])
    assert.throws(
      () =>
        prepareImages(
          generated([1, 2, 1, 1], () => 0),
          input(declared(["n", 3, 1, 1]))
        ),
      RangeError
    )
  })

  it("are rounded to bytes where it takes bytes", () => {
    const bytes = input(declared(["n", 1, 1, 3], {}, "uint8"))
    assert.deepStrictEqual([...prepareImages(float64([1, 1, 1, 3], [0, 0.5, 1]), bytes).values], [0, 128, 255])
  })
})
