import { anyBatch } from "../../../domain/tensor/anyBatch.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"
import { protoMessages } from "../../file/protoMessages.ts"

/**
 * The part of the ONNX format (onnx.proto, IR version 10) that graphs of ours use, as protobuf descriptors: field numbers
 * are those of the published format.
 */
const root = protoMessages({
  Entry: "string key 1, string value 2",
  Tensor: "repeated int64 dims 1, int32 dataType 2, string name 8, bytes rawData 9",
  Attribute: "string name 1, float f 2, int64 i 3, repeated int64 ints 8, int32 type 20",
  Dimension: "int64 dimValue 1, string dimParam 2",
  TensorShape: "repeated Dimension dim 1",
  TensorType: "int32 elemType 1, TensorShape shape 2",
  Type: "TensorType tensorType 1",
  ValueInfo: "string name 1, Type type 2, string docString 3",
  Node: "repeated string input 1, repeated string output 2, string name 3, string opType 4, repeated Attribute attribute 5, string domain 7",
  Graph:
    "repeated Node node 1, string name 2, repeated Tensor initializer 5, repeated ValueInfo input 11, repeated ValueInfo output 12",
  OperatorSet: "string domain 1, int64 version 2",
  Model:
    "int64 irVersion 1, string producerName 2, string producerVersion 3, string docString 6, Graph graph 7, repeated OperatorSet opsetImport 8, repeated Entry metadataProps 14"
})

/** ONNX's numbers for element types. */
export const elementType = { float: 1, int64: 7, bool: 9 } as const

/** ONNX's numbers for the types of attributes. */
const attributeType = { float: 1, int: 2, ints: 7 } as const

/** A constant of the graph: little-endian bytes of float32 or int64 numbers. */
export interface OnnxConstant {
  readonly name: string
  readonly dims: ReadonlyArray<number>
  readonly dataType: number
  readonly rawData: Uint8Array
}

export type OnnxAttribute = number | ReadonlyArray<number> | { readonly float: number }

/** One operator of the graph. Integers and lists of them are attributes as they are, a float is in a record. */
export interface OnnxNode {
  readonly name: string
  readonly opType: string
  readonly domain: string
  readonly input: ReadonlyArray<string>
  readonly output: ReadonlyArray<string>
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** A named float32 value of known shape at the graph's border. */
export interface OnnxValue {
  readonly name: string
  readonly shape: Shape
  /** What it holds, for whoever reads the file. */
  readonly description?: string
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
  readonly inputs: ReadonlyArray<OnnxValue>
  readonly outputs: ReadonlyArray<OnnxValue>
  /** Whether axes of size `anyBatch` at the border are named: `batch`, chosen anew at every call. */
  readonly forAnyBatch?: true
}

/** What a file says of itself besides what it computes. */
export interface OnnxDescription {
  readonly libraryVersion: string
  readonly description: string
  /** Free-text entries by name; ONNX Runtime shows them as the model's custom metadata. */
  readonly metadata: Readonly<Record<string, string>>
}

/** The operator set of graphs. What is written means the same in all sets from 18 to 21. */
export const usualOperatorSet = 21

/** A graph as the bytes of an ONNX model, of the standard's operators and ONNX Runtime's own. */
export const encodeOnnxModel = (graph: OnnxGraph, operatorSet = usualOperatorSet): Uint8Array =>
  encode(
    graph,
    [
      { domain: "", version: operatorSet },
      { domain: "com.microsoft", version: 1 }
    ],
    {}
  )

/** The bytes of an `.onnx` file for other programs. Throws a `RangeError` for an operator that is not of ONNX's own set. */
export const encodeOnnxFile = (
  graph: OnnxGraph,
  { libraryVersion, description, metadata }: OnnxDescription
): Uint8Array => {
  const foreign = graph.nodes.find(({ domain }) => domain !== "")
  if (foreign !== undefined) {
    throw new RangeError(`${foreign.name}: ${foreign.domain}.${foreign.opType} is not an operator of standard ONNX`)
  }
  return encode(graph, [{ domain: "", version: usualOperatorSet }], {
    producerVersion: libraryVersion,
    docString: description,
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value }))
  })
}

const encode = (graph: OnnxGraph, opsetImport: ReadonlyArray<object>, description: object): Uint8Array => {
  const model = root.lookupType("Model")
  return model
    .encode(
      model.fromObject({
        irVersion: 10,
        producerName: "fovea",
        ...description,
        opsetImport,
        graph: {
          name: graph.name,
          node: graph.nodes.map(({ attributes, ...node }) => ({
            ...node,
            attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value))
          })),
          initializer: graph.constants,
          input: graph.inputs.map(encodeValue(graph)),
          output: graph.outputs.map(encodeValue(graph))
        }
      })
    )
    .finish()
}

const encodeAttribute = (name: string, value: OnnxAttribute): object => {
  if (typeof value === "number") return { name, i: value, type: attributeType.int }
  if ("float" in value) return { name, f: value.float, type: attributeType.float }
  return { name, ints: value, type: attributeType.ints }
}

const encodeValue =
  ({ forAnyBatch }: OnnxGraph) =>
  ({ name, shape, description }: OnnxValue): object => ({
    name,
    ...(description === undefined ? {} : { docString: description }),
    type: {
      tensorType: {
        elemType: elementType.float,
        shape: {
          dim: shape.map((size) =>
            forAnyBatch === true && size === anyBatch ? { dimParam: "batch" } : { dimValue: size }
          )
        }
      }
    }
  })
