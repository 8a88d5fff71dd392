import type { InferenceSession } from "onnxruntime-web"
import * as ort from "onnxruntime-web/wasm"
import { type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { unpacked } from "../packed.ts"

/** The generator, ready to be run. */
export interface Engine {
  /** What it gives for inputs, by name. */
  readonly run: (inputs: Readonly<Record<string, TensorData>>) => Promise<Readonly<Record<string, TensorData>>>
}

/** Starts the engine that the page carries, on the model that it carries. */
export const openEngine = async (): Promise<Engine> => {
  const [wasm, model] = await Promise.all([unpacked("engine"), unpacked("model")])
  // More threads need headers of a server, which a file does not have.
  ort.env.wasm.numThreads = 1
  ort.env.wasm.wasmBinary = wasm
  ort.env.logLevel = "error"
  const session: InferenceSession = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] })
  return {
    run: async (inputs) => {
      const feeds = Object.entries(inputs).map(
        ([name, { shape, values }]) => [name, new ort.Tensor("float32", Float32Array.from(values), [...shape])] as const
      )
      const results = await session.run(Object.fromEntries(feeds))
      return Object.fromEntries(
        Object.entries(results).flatMap(([name, { data, dims }]) =>
          data instanceof Float32Array ? [[name, tensorData([...dims], data)]] : []
        )
      )
    }
  }
}
