import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { cached } from "../../../src/programs/paper/cached.ts"

const schema = Schema.Struct({ value: Schema.Number, names: Schema.Array(Schema.String) })

describe("remembered", () => {
  it.effect("computes once for a key, again for another, and again if the file is not what it was", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-remembered-" })
      const file = `${folder}/deep/value.json`
      const computed = yield* Ref.make(0)
      const ask = (key: Schema.Json) =>
        cached(
          file,
          { schema, key },
          Effect.map(
            Ref.updateAndGet(computed, (n) => n + 1),
            (value) => ({ value, names: ["a"] })
          )
        )
      assert.deepStrictEqual(yield* ask({ seed: 1 }), { value: 1, names: ["a"] })
      assert.deepStrictEqual(yield* ask({ seed: 1 }), { value: 1, names: ["a"] })
      assert.strictEqual((yield* ask({ seed: 2 })).value, 2)
      assert.strictEqual((yield* ask({ seed: 1 })).value, 3)
      for (const spoilt of ["", "{", "null", '{"key":{"seed":1},"value":{"value":"x","names":[]}}']) {
        yield* fs.writeFileString(file, spoilt)
        const before = yield* Ref.get(computed)
        assert.strictEqual((yield* ask({ seed: 1 })).value, before + 1)
        assert.strictEqual((yield* ask({ seed: 1 })).value, before + 1)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("gives back exactly what was computed, numbers that JSON lacks included", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-remembered-" })
      const Numbers = Schema.Array(Schema.Number)
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(fc.array(fc.double()), fc.uuid(), async (numbers, name) => {
            const ask = (compute: Effect.Effect<ReadonlyArray<number>>) =>
              cached(`${folder}/${name}.json`, { schema: Numbers, key: numbers.map(String) }, compute).pipe(
                Effect.provide(NodeServices.layer),
                Effect.runPromise
              )
            await ask(Effect.succeed(numbers))
            const again = await ask(Effect.die("computed again"))
            assert.deepStrictEqual(
              again.map((value) => (value === 0 ? 0 : value)),
              numbers.map((value) => (value === 0 ? 0 : value))
            )
          }),
          { numRuns: 20 }
        )
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("keeps nothing of a computation that fails", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-remembered-" })
      const failed = cached(`${folder}/value.json`, { schema, key: 1 }, Effect.fail("no"))
      assert.strictEqual(yield* Effect.flip(failed), "no")
      assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("takes nothing from a file with a changed byte, and says that it is damaged", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-remembered-" })
      const file = `${folder}/value.json`
      const warnings: Array<string> = []
      const logger = Logger.make(({ message }) => warnings.push(String(message)))
      const ask = (value: number) => cached(file, { schema, key: 1 }, Effect.succeed({ value, names: [] }))
      yield* ask(1)
      const original = yield* fs.readFile(file)
      for (let at = 0; at < original.length; at++) {
        const bytes = Uint8Array.from(original)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
        yield* fs.writeFile(file, bytes)
        assert.strictEqual((yield* Effect.provide(ask(2), Logger.layer([logger]))).value, 2, `byte ${at}`)
        assert.match(warnings.splice(0).join(), /value\.json is damaged \(.*\): what it held is computed again/)
        yield* fs.writeFile(file, original)
      }
      assert.strictEqual((yield* ask(3)).value, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
