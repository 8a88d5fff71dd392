import * as Result from "effect/Result"
import protobuf from "protobufjs/light.js"

/** The part of onnx.proto that says of a file what ONNX Runtime does not tell; everything else, weights included, is passed over. */
const root = protobuf.Root.fromJSON({
  nested: {
    Entry: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
    Tensor: { fields: { dataLocation: { type: "int32", id: 14 } } },
    Graph: { fields: { initializer: { rule: "repeated", type: "Tensor", id: 5 } } },
    Model: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        graph: { type: "Graph", id: 7 },
        metadataProps: { rule: "repeated", type: "Entry", id: 14 }
      }
    }
  }
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
