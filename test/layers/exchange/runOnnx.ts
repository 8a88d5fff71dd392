import * as ort from "onnxruntime-node"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"

/** What an ONNX file tells of its border, and its outputs for some inputs. */
export interface OnnxFile {
  readonly inputs: Readonly<Record<string, ReadonlyArray<number | string>>>
  readonly outputs: Readonly<Record<string, ReadonlyArray<number | string>>>
  readonly run: (inputs: Readonly<Record<string, TensorData>>) => Promise<Readonly<Record<string, TensorData>>>
}

const shapesOf = (values: ReadonlyArray<ort.InferenceSession.ValueMetadata>) =>
  Object.fromEntries(values.map((value) => [value.name, value.isTensor ? value.shape : []]))

/** Opens the bytes of an ONNX file with ONNX Runtime. */
export const openOnnx = async (bytes: Uint8Array): Promise<OnnxFile> => {
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 })
  return {
    inputs: shapesOf(session.inputMetadata),
    outputs: shapesOf(session.outputMetadata),
    run: async (inputs) => {
      const feeds = Object.entries(inputs).map(
        ([name, { shape, values }]) => [name, new ort.Tensor("float32", Float32Array.from(values), shape)] as const
      )
      const results = await session.run(Object.fromEntries(feeds))
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => {
          if (!(data instanceof Float32Array)) throw new TypeError(`output "${name}" is not float32`)
          return [name, { shape: dims, values: data }]
        })
      )
    }
  }
}
