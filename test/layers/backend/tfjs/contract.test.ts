import {
  layerTfjsCpu,
  layerTfjsNode,
  layerTfjsNodeGpu,
  layerTfjsWasm
} from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { backendContract } from "../backendContract.ts"
import { isInstalled } from "./installed.ts"

backendContract("Tfjs cpu", layerTfjsCpu)
backendContract("Tfjs wasm", layerTfjsWasm)
if (isInstalled("@tensorflow/tfjs-node")) backendContract("Tfjs node", layerTfjsNode)
if (isInstalled("@tensorflow/tfjs-node-gpu")) backendContract("Tfjs node-gpu", layerTfjsNodeGpu)
