import { createRequire } from "node:module"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { readBounded } from "../file/readBounded.ts"

/** The engine that a page carries is not installed, or is not what is expected. */
export class WebEngineError extends Schema.TaggedError<WebEngineError>()("WebEngineError", {
  problem: Schema.String
}) {
  override get message(): string {
    return `a page carries the engine onnxruntime-web, and ${this.problem}`
  }
}

/** What a page's script imports the engine as. */
export const webEngineName = "onnxruntime-web/wasm"

const wasmName = "onnxruntime-web/ort-wasm-simd-threaded.wasm"
const maxEngineBytes = 100_000_000

/**
 * The engine for browsers, from the package onnxruntime-web, which is an optional peer: its module for WebAssembly and the
 * WebAssembly itself. Fails with a `WebEngineError` that names the command that installs it.
 */
export const readWebEngine = Effect.gen(function* () {
  const [fs, path] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const wasm = yield* located(wasmName)
  const read = (file: string) =>
    Effect.mapError(
      readBounded(fs, file, maxEngineBytes),
      ({ message }) => new WebEngineError({ problem: `${file} cannot be read: ${message}` })
    )
  const module = yield* read(path.join(path.dirname(wasm), "ort.wasm.bundle.min.mjs"))
  return { module: new TextDecoder().decode(module), wasm: yield* read(wasm) }
})

const located = (name: string) =>
  Effect.try({
    try: () => createRequire(import.meta.url).resolve(name),
    catch: () =>
      new WebEngineError({ problem: 'it is not installed; install it with "npm install onnxruntime-web@1.30.0"' })
  })
