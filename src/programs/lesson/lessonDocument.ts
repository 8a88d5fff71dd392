import * as Effect from "effect/Effect"
import { lessonPage } from "../../domain/page/lessonPage.ts"
import { packedText } from "../../layers/page/packed.ts"
import { lessonDigits, pageScript } from "../../layers/page/pageScript.ts"
import { readWebEngine } from "../../layers/page/webEngine.ts"

/** The page of the lesson, whole. Fails with a `WebEngineError` if onnxruntime-web is not installed. */
export const lessonDocument = Effect.gen(function* () {
  const { wasm } = yield* readWebEngine
  return lessonPage({
    script: yield* pageScript("lesson"),
    worker: yield* pageScript("lessonWorker"),
    wasm: yield* packedText(wasm),
    digits: yield* packedText(yield* lessonDigits)
  })
})
