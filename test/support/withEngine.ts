import * as Effect from "effect/Effect"
import { flushDenormals } from "../../src/layers/backend/onnx/flushDenormals.ts"

// Files of the project "others" share a process, in any order: the engine's arithmetic is that of all of them, as in a training.
await Effect.runPromise(flushDenormals)
