import protobuf from "protobufjs/light.js"

/**
 * The part of the ONNX format (onnx.proto, IR version 10) that lowered programs use, as protobuf descriptors: field
 * numbers are those of the published format.
 */
const root = protobuf.Root.fromJSON({
  nested: {
    StringStringEntry: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
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
    Dimension: { fields: { dimValue: { type: "int64", id: 1 } } },
    TensorShape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "TensorShape", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    ValueInfo: { fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 } } },
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
        graph: { type: "Graph", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSet", id: 8 }
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
  readonly shape: ReadonlyArray<number>
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
  readonly inputs: ReadonlyArray<OnnxValue>
  readonly outputs: ReadonlyArray<OnnxValue>
}

/**
 * A graph as the bytes of an ONNX model: a set of the standard's operators, and ONNX Runtime's own. What the lowering
 * writes means the same in all sets from 18 to 21.
 */
export const encodeOnnxModel = (graph: OnnxGraph, operatorSet = 21): Uint8Array => {
  const model = root.lookupType("Model")
  return model
    .encode(
      model.fromObject({
        irVersion: 10,
        producerName: "fovea",
        opsetImport: [
          { domain: "", version: operatorSet },
          { domain: "com.microsoft", version: 1 }
        ],
        graph: {
          name: graph.name,
          node: graph.nodes.map(({ attributes, ...node }) => ({
            ...node,
            attribute: Object.entries(attributes).map(([name, value]) => encodeAttribute(name, value))
          })),
          initializer: graph.constants,
          input: graph.inputs.map(encodeValue),
          output: graph.outputs.map(encodeValue)
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

const encodeValue = ({ name, shape }: OnnxValue): object => ({
  name,
  type: { tensorType: { elemType: elementType.float, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } }
})
