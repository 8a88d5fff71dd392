import "../machine/withoutTelemetry.ts"
import { basename } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as ort from "onnxruntime-node"
import { gatherRows } from "../../domain/data/Images.ts"
import {
  describeFeatureInput,
  type FeatureInput,
  type FeaturePreparation,
  featureInput,
  type PreparedImages,
  prepareImages
} from "../../domain/metrics/featureInput.ts"
import { sizeOf } from "../../domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { flushDenormals } from "../backend/onnx/flushDenormals.ts"
import { explain } from "../file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../file/readBounded.ts"
import { sha256 } from "../file/sha256.ts"
import { FeatureError, FeatureExtractor } from "./FeatureExtractor.ts"
import { onnxMetadata } from "./onnxMetadata.ts"

/** Images at a time, where the network takes any number. */
const usualBatch = 32

/** A network's file, and what a person says of its input. */
export interface OnnxFeaturesOptions extends FeaturePreparation {
  readonly file: string
}

/** What the layer of the same name in `onDemand.ts` loads. */
export const layerOnnxFeatures = (options: OnnxFeaturesOptions) => Layer.effect(FeatureExtractor, open(options))

const open = Effect.fnUntraced(function* ({ file, ...said }: OnnxFeaturesOptions) {
  const fs = yield* FileSystem.FileSystem
  const failed = (problem: string) => new FeatureError({ file, problem })
  const bytes = yield* readBounded(fs, file, MAX_FILE_BYTES).pipe(
    Effect.mapError((error) => failed(`it cannot be read: ${explain(error)}`))
  )
  const metadata = yield* Effect.mapError(Effect.fromResult(onnxMetadata(bytes)), failed)
  // The first session of a process decides how it treats the smallest numbers: the backend's rule, not the network's.
  yield* Effect.ignore(flushDenormals)
  const session = yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: () => ort.InferenceSession.create(bytes, { logSeverityLevel: 3, executionProviders: ["cpu"] }),
      catch: (cause) => failed(`ONNX Runtime cannot open it as a model: ${explain(cause)}`)
    }),
    (opened) => Effect.promise(() => opened.release())
  )
  const [border, ...others] = session.inputMetadata
  if (border === undefined || others.length > 0 || !border.isTensor) {
    return yield* failed(`it has ${namesOf("input", session.inputNames)}; expected one, of images`)
  }
  if (session.outputNames.length !== 1) {
    return yield* failed(`it has ${namesOf("output", session.outputNames)}; expected one, a vector for each image`)
  }
  const declared = { type: border.type, shape: border.shape, metadata }
  const input = yield* Effect.mapError(Effect.fromResult(featureInput(declared, said)), failed)
  const extractAll = extractor(session, border.name, input, failed)
  return FeatureExtractor.of({
    name: basename(file),
    digest: sha256(bytes),
    input: describeFeatureInput(input),
    extract: (images) => {
      const [count = 0, ...rest] = images.shape
      const size = sizeOf(rest)
      return extractAll(count, (from, to) =>
        tensorData([to - from, ...rest], Float32Array.from(images.values.subarray(from * size, to * size)))
      )
    },
    extractImages: (images) => extractAll(images.count, (from, to) => gatherRows(images, from, to - from))
  })
})

const namesOf = (what: string, names: ReadonlyArray<string>): string =>
  `${names.length} ${what}${names.length === 1 ? "" : "s"}${names.length === 0 ? "" : ` (${names.join(", ")})`}`

const extractor = (
  session: ort.InferenceSession,
  name: string,
  input: FeatureInput,
  failed: (problem: string) => FeatureError
) =>
  Effect.fnUntraced(function* (
    count: number,
    imagesOf: (from: number, to: number) => TensorData
  ): Effect.fn.Return<TensorData, FeatureError> {
    const batch = input.batch ?? usualBatch
    let features: Float64Array | undefined
    let width = 0
    for (let from = 0; from < count; from += batch) {
      const to = Math.min(from + batch, count)
      const fed = filledUp(prepareImages(imagesOf(from, to), input), input.batch ?? to - from)
      const found = yield* Effect.tryPromise({
        try: () => session.run({ [name]: tensorOf(fed, input) }),
        catch: (cause) => failed(`it cannot be run on images [${fed.shape.join(", ")}]: ${explain(cause)}`)
      })
      const rows = yield* vectorsOf(Object.values(found)[0], fed.shape[0] ?? 0, failed)
      if (features === undefined) {
        width = rows.shape[1] ?? 0
        features = new Float64Array(count * width)
      } else if (rows.shape[1] !== width) {
        return yield* failed(`its vectors are of ${width} numbers for some images and of ${rows.shape[1]} for others`)
      }
      const used = rows.values.subarray(0, (to - from) * width)
      const bad = used.findIndex((value) => !Number.isFinite(value))
      if (bad >= 0) {
        return yield* failed(
          `its output for image ${from + Math.floor(bad / width)} holds ${used[bad]}; is the range of values right (${describeFeatureInput(input)})?`
        )
      }
      features.set(used, from * width)
      // Between batches Ctrl-C is heard.
      yield* Effect.yieldNow
    }
    return tensorData([count, width], features ?? new Float64Array(0))
  })

/** The last batch filled up with zeros, for a network that takes no fewer images. */
const filledUp = ({ shape: [, ...rest], values }: PreparedImages, batch: number): PreparedImages => {
  const filled = new Float64Array(batch * sizeOf(rest))
  filled.set(values)
  return { shape: [batch, ...rest], values: filled }
}

const tensorOf = ({ shape, values }: PreparedImages, { type }: FeatureInput): ort.Tensor => {
  if (type === "uint8") return new ort.Tensor("uint8", Uint8Array.from(values), shape)
  return type === "float64"
    ? new ort.Tensor("float64", values, shape)
    : new ort.Tensor("float32", Float32Array.from(values), shape)
}

/** A vector for each image, `[n, d]`; further axes of size 1 are nothing. */
const vectorsOf = (
  output: ort.Tensor | undefined,
  batch: number,
  failed: (problem: string) => FeatureError
): Effect.Effect<TensorData, FeatureError> => {
  if (output === undefined) return Effect.fail(failed("it gives no output"))
  const { dims, data, type } = output
  const [n, width = 0, ...rest] = dims
  if (dims.length < 2 || n !== batch || width < 1 || rest.some((size) => size !== 1)) {
    const problem = `its output for ${batch} images is of shape [${dims.join(", ")}]; expected a vector for each, [${batch}, d]`
    return Effect.fail(failed(problem))
  }
  return data instanceof Float32Array || data instanceof Float64Array
    ? Effect.succeed(tensorData([batch, width], Float64Array.from(data)))
    : Effect.fail(failed(`its output is of ${type}; expected float32 or float64`))
}
