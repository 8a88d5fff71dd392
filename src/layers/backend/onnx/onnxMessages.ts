import protobuf from "protobufjs/light.js"
import { anyBatch } from "../../../domain/tensor/anyBatch.ts"
import type { Shape } from "../../../domain/tensor/Shape.ts"

/**
 * The part of the ONNX format (onnx.proto, IR version 10) that graphs of ours use, as protobuf descriptors: field numbers
 * are those of the published format.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    Entry: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
    Tensor: {
      fields: {
        dims: { rule: "repeated", type: "int64", id: 1 },
        dataType: { type: "int32", id: 2 },
        name: { type: "string", id: 8 },
        rawData: { type: "bytes", id: 9 }
      }
    },
    Attribute: {
      fields: {
        name: { type: "string", id: 1 },
        f: { type: "float", id: 2 },
        i: { type: "int64", id: 3 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 }
      }
    },
    Dimension: { fields: { dimValue: { type: "int64", id: 1 }, dimParam: { type: "string", id: 2 } } },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShape", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    ValueInfo: {
      fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 }, docString: { type: "string", id: 3 } }
    },
    Node: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "Attribute", id: 5 },
        domain: { type: "string", id: 7 }
      }
    },
    Graph: {
      fields: {
        node: { rule: "repeated", type: "Node", id: 1 },
        name: { type: "string", id: 2 },
        initializer: { rule: "repeated", type: "Tensor", id: 5 },
        input: { rule: "repeated", type: "ValueInfo", id: 11 },
        output: { rule: "repeated", type: "ValueInfo", id: 12 }
      }
    },
    OperatorSet: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    Model: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        producerName: { type: "string", id: 2 },
        producerVersion: { type: "string", id: 3 },
        docString: { type: "string", id: 6 },
        graph: { type: "Graph", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSet", id: 8 },
        metadataProps: { rule: "repeated", type: "Entry", id: 14 }
      }
    }
  }
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

/** One operator of the graph. Integers and lists of them are attributes as they are, a float stands in a record. */
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
