import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { textFrom } from "../../../src/layers/dataset/textSource.ts"

describe("text from files", () => {
  it.effect("is windows over all of them, one after the other", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-text-" })
      yield* fs.writeFileString(`${folder}/a`, "abc")
      yield* fs.writeFileString(`${folder}/b`, "defg")
      const source = yield* textFrom([`${folder}/a`, `${folder}/b`], { length: 3, stride: 2 })
      assert.strictEqual(source.count, 3)
      const batch = yield* Stream.runHead(source.batches({ batchSize: 3, seed: 1, firstUpdate: 0 }))
      const values = batch._tag === "Some" ? [...batch.value.inputs.text.values] : []
      const texts = [0, 3, 6].map((at) => String.fromCharCode(...values.slice(at, at + 3)))
      assert.sameMembers(texts, ["abc", "cde", "efg"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("fails with the name of a file that is missing, or of those that are too short", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-text-" })
      yield* fs.writeFileString(`${folder}/a`, "abc")
      const missing = yield* Effect.flip(textFrom([`${folder}/none`], { length: 3 }))
      assert.strictEqual(missing.message, `${folder}/none: there is no such file`)
      const short = yield* Effect.flip(textFrom([`${folder}/a`], { length: 4 }))
      assert.strictEqual(short.message, `${folder}/a: it is too short: 3 bytes of text, and a window has 4`)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
