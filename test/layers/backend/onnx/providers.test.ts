import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import { layerOnnxRuntimeWith } from "../../../../src/layers/backend/onnx/onnxRuntime.ts"
import { type OnnxProviderName, startFirstProvider } from "../../../../src/layers/backend/onnx/providers.ts"
import { TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"

const packageFolder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"))
const library = join(packageFolder, "bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so")
const hasCuda = existsSync(library)

/** The provider that is started, and what is logged meanwhile. */
const started = (...names: ReadonlyArray<OnnxProviderName>) => {
  const lines: Array<string> = []
  const keep = Logger.make(({ message }) => {
    lines.push(String(message))
  })
  return Effect.map(startFirstProvider(names), ({ backend }) => ({ backend, lines })).pipe(
    Effect.provide(Logger.layer([keep]))
  )
}

describe("providers of ONNX Runtime", () => {
  it.effect("the first of the list is taken, and a list of one is not logged", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* started("cpu"), { backend: "onnxruntime-cpu", lines: [] })
      const { backend, lines } = yield* started("cpu", "cuda", "webgpu")
      assert.strictEqual(backend, "onnxruntime-cpu")
      assert.deepStrictEqual(lines, ["ONNX Runtime runs on cpu, of cpu, cuda, webgpu"])
    })
  )

  it.effect("an empty list is refused", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(started())
      assert.include(error.message, "expected a list of providers out of cpu, cuda, webgpu")
    })
  )

  // ONNX Runtime also writes to stderr that the library is not there.
  describe.skipIf(hasCuda)("where CUDA's library is not there", () => {
    it.effect("asking for cuda fails with the command that gets it, and nothing else is taken", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Effect.provide(TensorBackend, layerOnnxRuntimeWith({ providers: ["cuda"] }), { local: true })
        )
        assert.strictEqual(error.during, "start")
        assert.match(error.message, /^onnxruntime-cuda could not start /)
        const [, command = ""] =
          /"node (node_modules\/onnxruntime-node\/\S+) --onnxruntime-node-install"/.exec(error.message) ?? []
        assert.isTrue(existsSync(join(packageFolder, "../..", command)), `${command} is a file of the package`)
      })
    )

    it.effect("the next one is taken if the user listed it, and the log says so", () =>
      Effect.gen(function* () {
        const { backend, lines } = yield* started("cuda", "cpu")
        assert.strictEqual(backend, "onnxruntime-cpu")
        assert.match(lines.join("\n"), /^ONNX Runtime runs on cpu, of cuda, cpu; onnxruntime-cuda could not start/)
      })
    )

    it.effect("the error names all that were tried", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(started("cuda", "cuda"))
        assert.strictEqual(error.message.split("onnxruntime-cuda could not start").length, 3)
      })
    )
  })
})
