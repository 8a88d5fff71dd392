import { layerTfjsNode, layerTfjsNodeGpu } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { tensorflowContract } from "./tensorflowContract.ts"

tensorflowContract({
  name: "@tensorflow/tfjs-node-gpu",
  layer: layerTfjsNodeGpu,
  other: layerTfjsNode,
  otherName: "@tensorflow/tfjs-node"
})
