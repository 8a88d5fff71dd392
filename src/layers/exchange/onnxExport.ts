import type { ExportedNetwork } from "../../domain/exchange/exportedNetworks.ts"
import { own } from "../../domain/record/own.ts"
import { formatShape } from "../../domain/tensor/Shape.ts"
import type { Distribution } from "../../domain/tensor/Tensor.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { elementType, type OnnxConstant } from "../backend/onnx/onnxMessages.ts"
import { dynamicBatch } from "./dynamicBatch.ts"
import { type ExportedValue, encodeExportedModel } from "./onnxModelFile.ts"

/** What an exported file says of itself besides what it computes. */
export interface ExportDescription {
  readonly libraryVersion: string
  readonly description: string
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * A player of a model as the bytes of an `.onnx` file: standard operators only, any batch, the parameters inside under
 * the names they have in checkpoints. Throws a `RangeError` if a parameter is missing or of another shape: check before;
 * and a `ProgramError` if the player's graph differs between batches in more than sizes.
 */
export const onnxFile = (
  player: ExportedNetwork,
  parameters: NamedTensors,
  { libraryVersion, description, metadata }: ExportDescription
): Uint8Array => {
  const { state } = player.program(1)
  const graph = dynamicBatch(player.program)
  const latents = new Map(player.latents.map(({ name, distribution }) => [name, describeDistribution(distribution)]))
  const isParameter = (name: string): boolean => own(state, name) !== undefined
  const value = ([name, shape]: readonly [string, ExportedValue["shape"]]): ExportedValue => ({
    name,
    shape,
    description: latents.get(name) ?? own(descriptions, name) ?? ""
  })
  const inputs = Object.entries(graph.inputs)
  return encodeExportedModel({
    name: player.name,
    libraryVersion,
    description,
    metadata: { ...metadata, ...Object.fromEntries([...latents].map(([name, text]) => [`input.${name}`, text])) },
    nodes: graph.nodes,
    constants: [
      ...inputs.flatMap(([name]) =>
        isParameter(name) ? [parameterConstant(name, own(state, name)?.shape ?? [], parameters)] : []
      ),
      ...graph.constants
    ],
    inputs: inputs.filter(([name]) => !isParameter(name)).map(value),
    outputs: Object.entries(graph.outputs).map(value)
  })
}

const parameterConstant = (name: string, shape: ReadonlyArray<number>, parameters: NamedTensors): OnnxConstant => {
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
