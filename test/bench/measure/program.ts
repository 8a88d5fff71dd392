import * as Effect from "effect/Effect"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { lowerProgram } from "../../../src/layers/backend/onnx/lowering.ts"
import { encodeOnnxModel } from "../../../src/layers/backend/onnx/onnxMessages.ts"
import { paperTraining } from "../paperTraining.ts"
import type { BenchResult } from "../result.ts"

/** How large the training program is, and how long it takes to make, once. */
export const measureProgram = Effect.map(paperTraining, ({ makeProgram }): NonNullable<BenchResult["program"]> => {
  const begun = performance.now()
  const program = makeProgram()
  const built = performance.now()
  const { graph } = lowerProgram(program)
  const lowered = performance.now()
  return {
    ...programCost(program),
    onnxNodes: graph.nodes.length,
    onnxBytes: encodeOnnxModel(graph).length,
    buildMs: built - begun,
    lowerMs: lowered - built
  }
})
