import protobuf from "protobufjs/light.js"

type Axes = ReadonlyArray<number | string>

/** An operator, its inputs and its only output; numbers are attributes of the type INTS or, alone, INT. */
type Node = readonly [
  operator: string,
  inputs: ReadonlyArray<string>,
  output: string,
  attributes?: Readonly<Record<string, number | ReadonlyArray<number>>>
]

interface FileContent {
  readonly inputs: Readonly<Record<string, Axes>>
  readonly nodes: ReadonlyArray<Node>
  /** The last node's, if left out. */
  readonly outputs?: ReadonlyArray<string>
  readonly metadata?: Readonly<Record<string, string>>
}

const root = protobuf.Root.fromJSON({
  nested: {
    Entry: { fields: { key: { type: "string", id: 1 }, value: { type: "string", id: 2 } } },
    Attribute: {
      fields: {
        name: { type: "string", id: 1 },
        i: { type: "int64", id: 3 },
        ints: { rule: "repeated", type: "int64", id: 8 },
        type: { type: "int32", id: 20 }
      }
    },
    Node: {
      fields: {
        input: { rule: "repeated", type: "string", id: 1 },
        output: { rule: "repeated", type: "string", id: 2 },
        opType: { type: "string", id: 4 },
        attribute: { rule: "repeated", type: "Attribute", id: 5 }
      }
    },
    Dimension: { fields: { dimValue: { type: "int64", id: 1 }, dimParam: { type: "string", id: 2 } } },
    Shape: { fields: { dim: { rule: "repeated", type: "Dimension", id: 1 } } },
    TensorType: { fields: { elemType: { type: "int32", id: 1 }, shape: { type: "Shape", id: 2 } } },
    Type: { fields: { tensorType: { type: "TensorType", id: 1 } } },
    Value: { fields: { name: { type: "string", id: 1 }, type: { type: "Type", id: 2 } } },
    Graph: {
      fields: {
        node: { rule: "repeated", type: "Node", id: 1 },
        name: { type: "string", id: 2 },
        input: { rule: "repeated", type: "Value", id: 11 },
        output: { rule: "repeated", type: "Value", id: 12 }
      }
    },
    OperatorSet: { fields: { domain: { type: "string", id: 1 }, version: { type: "int64", id: 2 } } },
    Model: {
      fields: {
        irVersion: { type: "int64", id: 1 },
        graph: { type: "Graph", id: 7 },
        opsetImport: { rule: "repeated", type: "OperatorSet", id: 8 },
        metadataProps: { rule: "repeated", type: "Entry", id: 14 }
      }
    }
  }
})

/** The bytes of an `.onnx` file of float32 values, as other programs write them. */
export const onnxFile = ({ inputs, nodes, outputs, metadata = {} }: FileContent): Uint8Array => {
  const model = root.lookupType("Model")
  const last = outputs ?? nodes.slice(-1).map(([, , output]) => output)
  return model
    .encode(
      model.fromObject({
        irVersion: 8,
        opsetImport: [{ domain: "", version: 13 }],
        metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
        graph: {
          name: "features",
          node: nodes.map(([opType, input, output, attributes = {}]) => ({
            opType,
            input,
            output: [output],
            attribute: Object.entries(attributes).map(([name, value]) =>
              typeof value === "number" ? { name, i: value, type: 2 } : { name, ints: value, type: 7 }
            )
          })),
          input: Object.entries(inputs).map(([name, shape]) => ({
            name,
            type: {
              tensorType: {
                elemType: 1,
                shape: {
                  dim: shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }))
                }
              }
            }
          })),
          output: last.map((name) => ({ name, type: { tensorType: { elemType: 1 } } }))
        }
      })
    )
    .finish()
}

/** A network whose features are the mean of each channel; `axes` are those of rows and columns. */
export const pooling = ({
  shape,
  axes = [2, 3],
  metadata
}: {
  readonly shape: Axes
  readonly axes?: ReadonlyArray<number>
  readonly metadata?: Readonly<Record<string, string>>
}): Uint8Array =>
  onnxFile({
    inputs: { images: shape },
    nodes: [["ReduceMean", ["images"], "features", { axes, keepdims: 0 }]],
    ...(metadata && { metadata })
  })
