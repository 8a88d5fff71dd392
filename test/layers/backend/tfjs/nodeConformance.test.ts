import { layerTfjsNode, layerTfjsNodeGpu } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { tensorflowContract } from "./tensorflowContract.ts"

tensorflowContract({
  name: "@tensorflow/tfjs-node",
  layer: layerTfjsNode,
  other: layerTfjsNodeGpu,
  otherName: "@tensorflow/tfjs-node-gpu"
})
