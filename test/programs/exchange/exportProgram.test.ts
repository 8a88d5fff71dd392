import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { linear, linearParameters } from "../../../src/domain/nn/linear.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { exportProgram } from "../../../src/programs/exchange/exportProgram.ts"

const sampler = (batch: number) =>
  make("line", {
    state: { line: linearParameters(2, 1) },
    step: ({ line }, _, key) => ({ outputs: { y: linear(line, key("z").normal([batch, 2])) } })
  })

describe("exportProgram", () => {
  it.effect("refuses numbers that are not finite, also those that are not as float32, and writes no file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
        const path = join(tmpdir(), `fovea-export-${process.pid}.onnx`)
        const tensors = {
          "line.bias": tensorData([1], Float64Array.of(0)),
          "line.weight": tensorData([2, 1], Float64Array.of(1, broken))
        }
        const error = yield* Effect.flip(exportProgram(sampler, tensors, path))
        assert.strictEqual(error._tag, "ExportError")
        assert.match(error.message, /"line.weight" holds (NaN|Infinity)/)
        assert.isFalse(yield* fs.exists(path))
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
