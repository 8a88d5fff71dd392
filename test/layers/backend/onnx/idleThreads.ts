// Run as a process: opens an executable of two shards, does a step, and leaves the scope open.
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { layerOnnxRuntime } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { sharedInputs, sharedProgram, sharedStart } from "../sharedProgram.ts"

await Effect.runPromise(
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const backend = yield* TensorBackend
    const executable = yield* Scope.provide(backend.compile(sharedProgram(2), sharedStart), scope)
    yield* executable.step({ inputs: sharedInputs(0), noise: { seed: 0, step: 0 } })
  }).pipe(Effect.provide(layerOnnxRuntime))
)
process.stdout.write("one step done\n")
