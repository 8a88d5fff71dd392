import * as Result from "effect/Result"
import { protoMessages } from "../file/protoMessages.ts"

/** The part of onnx.proto that says of a file what ONNX Runtime does not tell; everything else, weights included, is passed over. */
const root = protoMessages({
  Entry: "string key 1, string value 2",
  Tensor: "int32 dataLocation 14",
  Graph: "repeated Tensor initializer 5",
  Model: "int64 irVersion 1, Graph graph 7, repeated Entry metadataProps 14"
})

/** `TensorProto.DataLocation.EXTERNAL`. */
const external = 1

/** The texts of an `.onnx` file's `metadata_props` by their keys. Fails in words if it is none, or keeps weights in other files. */
export const onnxMetadata = (bytes: Uint8Array): Result.Result<ReadonlyMap<string, string>, string> => {
  const Model = root.lookupType("Model")
  const decoded = Result.try({
    try: (): { readonly [field: string]: unknown } => Model.toObject(Model.decode(bytes)),
    catch: () => "it is not an ONNX model"
  })
  return Result.flatMap(decoded, ({ graph, metadataProps }) => {
    if (!isRecord(graph)) return Result.fail("it is not an ONNX model")
    if (listOf(graph["initializer"]).some((tensor) => isRecord(tensor) && tensor["dataLocation"] === external)) {
      return Result.fail("it keeps weights in other files; save the model as one file")
    }
    return Result.succeed(
      new Map(
        listOf(metadataProps).flatMap((entry) =>
          isRecord(entry) ? [[String(entry["key"] ?? ""), String(entry["value"] ?? "")] as const] : []
        )
      )
    )
  })
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])
