import type * as ort from "onnxruntime-node"
import type { TensorData } from "../../../domain/tensor/TensorData.ts"
import { BackendError } from "../TensorBackend.ts"
import type { OrtLibrary } from "./OnnxProvider.ts"

/** A copy, in float32. */
export const toFloat32 = (data: TensorData | undefined): TensorData => ({
  shape: data?.shape ?? [],
  values: Float32Array.from(data?.values ?? [])
})

/** Numbers as a tensor of the engine; it may share memory with a `Float32Array`. */
export const toOrt = (
  { Tensor }: OrtLibrary,
  shape: ReadonlyArray<number>,
  values: Float32Array | Float64Array | undefined
): ort.Tensor => new Tensor("float32", values instanceof Float32Array ? values : Float32Array.from(values ?? []), shape)

/** A result of the engine in main memory, not copied. Throws if there is none. */
export const fromOrt = (tensor: ort.Tensor | undefined): TensorData => {
  const values = tensor?.data
  if (tensor === undefined || !(values instanceof Float32Array))
    throw new Error("internal: a result is missing or not float32")
  return { shape: tensor.dims, values }
}

/** A failure of the engine; it names the operator it stumbled over as the emitter labelled it. */
export const engineError = (
  backend: string,
  program: string,
  during: "compile" | "run" | "read",
  cause: unknown
): BackendError => {
  const problem = cause instanceof Error ? cause.message : String(cause)
  const primitive = /Name:'([^']*)\/\d+'|node_name: ([^/]*)\/\d+|Node \(([^)]*\)[^/]*)\/\d+/
    .exec(problem)
    ?.slice(1)
    .find((found) => found !== undefined)
  return new BackendError({
    backend,
    program,
    during,
    problem,
    cause,
    ...(primitive === undefined ? {} : { primitive })
  })
}
