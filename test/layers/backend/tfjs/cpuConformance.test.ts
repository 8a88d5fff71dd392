import { layerTfjsCpu } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract } from "../backendContract.ts"
import { tfjsTolerances } from "./tolerances.ts"

// Its graphs are those of tfjs's other backends: models at their own size are computed by wasm, which is faster.
backendContract("Tfjs cpu", layerTfjsCpu, conformance({ tolerances: tfjsTolerances.cpu, runs: 30 }))
