import { layerTfjsCpu } from "../../../../src/layers/backend/tfjs/tfjs.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract, slowLaws } from "../backendContract.ts"
import { tfjsTolerances } from "./tolerances.ts"

backendContract("Tfjs cpu", layerTfjsCpu, conformance({ tolerances: tfjsTolerances.cpu, runs: 30, slow: slowLaws }))
