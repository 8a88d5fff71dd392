import type { ExportedNetwork } from "../../domain/exchange/exportedNetworks.ts"
import { own } from "../../domain/record/own.ts"
import { plainProducts } from "../../domain/tensor/rewrite/plainProducts.ts"
import { formatShape, type Shape } from "../../domain/tensor/Shape.ts"
import type { Distribution } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { lowerProgram } from "../backend/onnx/lowering.ts"
import {
  elementType,
  encodeOnnxFile,
  type OnnxConstant,
  type OnnxDescription,
  type OnnxValue
} from "../backend/onnx/onnxMessages.ts"

/**
 * A network of a model as the bytes of an `.onnx` file: standard operators only, any batch, the parameters inside under
 * the names they have in checkpoints. Throws a `RangeError` if a parameter is missing or of another shape: check before.
 */
export const onnxFile = (
  { name, program, latents: drawn }: ExportedNetwork,
  parameters: NamedTensors,
  { metadata, ...description }: OnnxDescription
): Uint8Array => {
  const outputs = Object.keys(program.outputs)
  const plain = plainProducts(Object.values(program.outputs))
  const { graph, outputs: results } = lowerProgram({
    ...program,
    outputs: Object.fromEntries(plain.map((tensor, i) => [outputs[i] ?? "", tensor]))
  })
  // The graph's names for its outputs are numbers; the users of a file are given the program's.
  const exported = new Map(Object.entries(results).map(([output, value]) => [value, output]))
  const nameOf = (value: string): string => exported.get(value) ?? value
  const latents = new Map(drawn.map((latent) => [latent.name, describeDistribution(latent.distribution)]))
  const described = ({ name: value, shape }: OnnxValue): OnnxValue => ({
    name: nameOf(value),
    shape,
    description: latents.get(nameOf(value)) ?? own(descriptions, nameOf(value)) ?? ""
  })
  const isParameter = (value: OnnxValue): boolean => own(program.state, value.name) !== undefined
  return encodeOnnxFile(
    {
      ...graph,
      name,
      nodes: graph.nodes.map((node) => ({ ...node, input: node.input.map(nameOf), output: node.output.map(nameOf) })),
      constants: [
        ...graph.inputs.filter(isParameter).map((value) => parameterConstant(value.name, value.shape, parameters)),
        ...graph.constants
      ],
      inputs: graph.inputs.filter((value) => !isParameter(value)).map(described),
      outputs: graph.outputs.map(described)
    },
    {
      ...description,
      metadata: { ...metadata, ...Object.fromEntries([...latents].map(([latent, text]) => [`input.${latent}`, text])) }
    }
  )
}

const parameterConstant = (name: string, shape: Shape, parameters: NamedTensors): OnnxConstant => {
  const tensor = own(parameters, name)
  if (tensor === undefined || formatShape(tensor.shape) !== formatShape(shape)) {
    const found = tensor === undefined ? "nothing" : formatShape(tensor.shape)
    throw new RangeError(`expected the parameter "${name}" of shape ${formatShape(shape)}, but was given ${found}`)
  }
  const rawData = new Uint8Array(Float32Array.from(tensor.values).buffer)
  return { name, dims: shape, dataType: elementType.float, rawData }
}

/** How to draw an input of random numbers. */
const describeDistribution = (distribution: Distribution): string => {
  switch (distribution.kind) {
    case "normal":
      return "independent draws from the normal distribution of mean 0 and variance 1"
    case "uniform":
      return "independent draws, uniform in [0, 1)"
    case "bernoulli":
      return `1 with probability ${distribution.probability}, else 0, independently`
  }
}

const descriptions: Readonly<Record<string, string>> = {
  images: "images [batch, channels, rows, columns], values in [0, 1]",
  logits: "one number an image: the sigmoid of it is the probability of being real",
  canvases: "the image after step 0..T: [batch, T + 1, channels, rows, columns]",
  windows: "the window of step 1..T: centre's column and row, stride, sigma, gamma; in pixels, counted from 1"
}
