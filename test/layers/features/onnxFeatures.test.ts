import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { FeaturePreparation } from "../../../src/domain/metrics/featureInput.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { FeatureExtractor } from "../../../src/layers/features/FeatureExtractor.ts"
import { layerOnnxFeatures } from "../../../src/layers/features/onnxFeatures.ts"
import { sha256 } from "../../../src/layers/file/sha256.ts"
import { assertClose } from "../../support/assertClose.ts"
import { onnxFile, pooling } from "../../support/featureNetwork.ts"

const inFile = <A, E, R>(bytes: Uint8Array, use: (file: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const file = `${yield* fs.makeTempDirectoryScoped()}/net.onnx`
    yield* fs.writeFile(file, bytes)
    return yield* use(file)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const extracted = (bytes: Uint8Array, images: TensorData, said: FeaturePreparation = {}) =>
  inFile(bytes, (file) =>
    Effect.flatMap(FeatureExtractor, (extractor) => extractor.extract(images)).pipe(
      Effect.provide(layerOnnxFeatures({ file, ...said }))
    )
  )

const refusal = (bytes: Uint8Array, said: FeaturePreparation = {}) =>
  Effect.map(Effect.flip(extracted(bytes, ramp(2), said)), ({ message }) => message)

/** Images of 4 x 4 whose means are 0, 1/n, 2/n .. */
const ramp = (count: number): TensorData =>
  tensorData(
    [count, 1, 4, 4],
    Float32Array.from({ length: count * 16 }, (_, i) => Math.floor(i / 16) / count)
  )

describe("an ONNX file as a network of features", () => {
  it.effect("gives a vector for each image, whatever its batch, layout, size and range", () =>
    Effect.gen(function* () {
      const means = (channels: number, map: (mean: number) => number) =>
        Array.from({ length: 70 * channels }, (_, i) => map(Math.floor(i / channels) / 70))
      // More images than go in at once.
      const open = yield* extracted(pooling({ shape: ["n", 3, "h", "w"] }), ramp(70))
      assert.deepStrictEqual([...open.shape], [70, 3])
      assertClose(
        open.values,
        means(3, (mean) => mean),
        1e-6
      )
      const fixed = pooling({ shape: [4, 1, 8, 8], metadata: { "fovea.range": "-1..1" } })
      assertClose(
        (yield* extracted(fixed, ramp(70))).values,
        means(1, (mean) => 2 * mean - 1),
        1e-6
      )
      const last = pooling({ shape: ["n", 4, 4, 1], axes: [1, 2] })
      const said = { range: "0..255" as const, mean: [5], deviation: [10] }
      assertClose(
        (yield* extracted(last, ramp(70), said)).values,
        means(1, (mean) => (255 * mean - 5) / 10),
        1e-6
      )
    })
  )

  it.effect("is known by the name and the digest of its file", () =>
    Effect.gen(function* () {
      const bytes = pooling({ shape: ["n", 1, 4, 4] })
      const { name, digest, input } = yield* inFile(bytes, (file) =>
        Effect.provide(FeatureExtractor, layerOnnxFeatures({ file }))
      )
      assert.deepStrictEqual([name, digest], ["net.onnx", sha256(bytes)])
      assert.strictEqual(input, "images [n, 1, 4, 4], values 0..1")
    })
  )

  it.effect("is refused by its file's name where it is none", () =>
    Effect.gen(function* () {
      const square = ["n", 1, 4, 4] as const
      for (const [bytes, message] of [
        [new Uint8Array(0), /net\.onnx: it is not an ONNX model/],
        [new TextEncoder().encode("no network at all"), /net\.onnx: it is not an ONNX model/],
        [pooling({ shape: square }).subarray(0, 90), /net\.onnx: .*(not an ONNX model|cannot open it)/],
        [
          onnxFile({ inputs: { a: square, b: square }, nodes: [["Add", ["a", "b"], "y"]] }),
          /it has 2 inputs \(a, b\); expected one/
        ],
        [
          onnxFile({
            inputs: { a: square },
            nodes: [
              ["Exp", ["a"], "y"],
              ["Abs", ["a"], "z"]
            ],
            outputs: ["y", "z"]
          }),
          /it has 2 outputs \(y, z\); expected one/
        ],
        [
          onnxFile({ inputs: { a: ["n", 7] }, nodes: [["Abs", ["a"], "y"]] }),
          /its input is of shape \[n, 7\]; expected images/
        ],
        [
          onnxFile({ inputs: { a: square }, nodes: [["Abs", ["a"], "y"]] }),
          /its output for 2 images is of shape \[2, 1, 4, 4\]; expected a vector/
        ],
        [
          onnxFile({
            inputs: { a: square },
            nodes: [
              ["Log", ["a"], "b"],
              ["Flatten", ["b"], "y"]
            ]
          }),
          /its output for image 0 holds -Infinity; is the range of values right \(images \[n, 1, 4, 4\], values 0\.\.1\)/
        ],
        [onnxFile({ inputs: { a: square }, nodes: [["NoSuchOperator", ["a"], "y"]] }), /cannot open it as a model/]
      ] as const) {
        assert.match(yield* refusal(bytes), message)
      }
      assert.match(yield* refusal(pooling({ shape: square }), { size: [8, 8] }), /is not of 8 rows and 8 columns/)
    })
  )
})
