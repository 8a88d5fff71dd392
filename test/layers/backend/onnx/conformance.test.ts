import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract } from "../backendContract.ts"

backendContract("OnnxRuntime", layerOnnxRuntime, conformance({ slow: true }))
