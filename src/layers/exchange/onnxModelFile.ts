import protobuf from "protobufjs/light.js"
import { elementType, type OnnxAttribute, type OnnxConstant, type OnnxNode } from "../backend/onnx/onnxMessages.ts"

/** The size of an axis: fixed, or the name of one that is chosen anew at every call. */
export type AxisSize = number | string

/** A named float32 value at the border of an exported model. */
export interface ExportedValue {
  readonly name: string
  readonly shape: ReadonlyArray<AxisSize>
  /** What it holds, for whoever reads the file. */
  readonly description: string
}

/** An ONNX model that other programs run: parameters are constants under their own names. */
export interface ExportedModel {
  readonly name: string
  readonly libraryVersion: string
  readonly description: string
  /** Free-text entries by name; ONNX Runtime shows them as the model's custom metadata. */
  readonly metadata: Readonly<Record<string, string>>
  readonly nodes: ReadonlyArray<OnnxNode>
  readonly constants: ReadonlyArray<OnnxConstant>
  readonly inputs: ReadonlyArray<ExportedValue>
  readonly outputs: ReadonlyArray<ExportedValue>
}

/**
 * The part of onnx.proto (IR version 10) that exported models use, field numbers as published. Beyond what a backend's
 * graph needs these are names of axes, texts for the reader, and metadata.
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
      fields: {
        name: { type: "string", id: 1 },
        type: { type: "Type", id: 2 },
        docString: { type: "string", id: 3 }
      }
    },
    Node: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        name: { type: "string", id: 3 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "Attribute", id: 5 }
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

/** The operator set of exported models: ONNX's own and no other. */
export const exportedOperatorSet = 21

/** The bytes of an `.onnx` file. Throws a `RangeError` for an operator that is not of ONNX's own set. */
export const encodeExportedModel = (exported: ExportedModel): Uint8Array => {
  const foreign = exported.nodes.find(({ domain }) => domain !== "")
  if (foreign !== undefined) {
    throw new RangeError(`${foreign.name}: ${foreign.domain}.${foreign.opType} is not an operator of standard ONNX`)
  }
  const model = root.lookupType("Model")
  return model
    .encode(
      model.fromObject({
        irVersion: 10,
        producerName: "fovea",
        producerVersion: exported.libraryVersion,
        docString: exported.description,
        opsetImport: [{ domain: "", version: exportedOperatorSet }],
        metadataProps: Object.entries(exported.metadata).map(([key, value]) => ({ key, value })),
        graph: {
          name: exported.name,
          node: exported.nodes.map(({ name, opType, input, output, attributes }) => ({
            name,
            opType,
            input,
            output,
            attribute: Object.entries(attributes).map(([key, value]) => attributeMessage(key, value))
          })),
          initializer: exported.constants,
          input: exported.inputs.map(valueMessage),
          output: exported.outputs.map(valueMessage)
        }
      })
    )
    .finish()
}

// AttributeProto's numbers of the types FLOAT, INT and INTS.
const attributeMessage = (name: string, value: OnnxAttribute): object => {
  if (typeof value === "number") return { name, i: value, type: 2 }
  if ("float" in value) return { name, f: value.float, type: 1 }
  return { name, ints: value, type: 7 }
}

const valueMessage = ({ name, shape, description }: ExportedValue): object => ({
  name,
  docString: description,
  type: {
    tensorType: {
      elemType: elementType.float,
      shape: { dim: shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size })) }
    }
  }
})
