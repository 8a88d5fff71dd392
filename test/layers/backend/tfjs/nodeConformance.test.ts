import { describe, it } from "@effect/vitest"
import { layerTfjsNode, layerTfjsNodeGpu } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract } from "../backendContract.ts"
import { isInstalled } from "./installed.ts"

const packages = {
  "@tensorflow/tfjs-node": layerTfjsNode,
  "@tensorflow/tfjs-node-gpu": layerTfjsNodeGpu
}

for (const [name, layer] of Object.entries(packages)) {
  if (isInstalled(name)) backendContract(name, layer, conformance({ slow: true }))
  else describe.skip(`${name} keeps the laws of TensorBackend`, () => it("is not installed here", () => {}))
}
