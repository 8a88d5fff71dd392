import { layerTfjsWasm } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract, slowLaws } from "../backendContract.ts"
import { tfjsTolerances } from "./tolerances.ts"

backendContract(
  "Tfjs wasm",
  layerTfjsWasm,
  conformance({
    tolerances: tfjsTolerances.wasm,
    // Its kernels take the lesser of two numbers by comparing, and a comparison with a NaN is false.
    notFinite: { "clamp to -1..1 of NaN": "finite", "convolution of NaN": "-Infinity" },
    runs: 30,
    slow: slowLaws
  })
)
