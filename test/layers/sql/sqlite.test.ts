import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerStore } from "../../../src/layers/onDemand.ts"
import { Database, StorePatience } from "../../../src/layers/sql/Database.ts"
import { layerSqlite, type SqliteOptions } from "../../../src/layers/sql/sqlite.ts"

const open = (options: SqliteOptions) =>
  Effect.scoped(Effect.map(Layer.build(layerSqlite(options)), () => undefined)).pipe(
    Effect.provideService(StorePatience, { patience: Duration.zero, answer: Duration.seconds(10) })
  )

const inScratch = <A, E>(use: (folder: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "fovea-sqlite-" })).pipe(
    Effect.flatMap(use),
    Effect.scoped,
    Effect.provide(NodeServices.layer)
  )

describe("a store in a file", () => {
  it.live("is made where there is none, and opened again", () =>
    inScratch((folder) =>
      Effect.gen(function* () {
        const file = `${folder}/runs/store.sqlite`
        const missing = yield* Effect.flip(open({ file, create: false }))
        assert.include(missing.message, `The store sqlite:${file} failed to be opened: there is no such file.`)
        const id = Database.use((database) => Effect.succeed(database.id))
        const first = yield* Effect.provide(id, layerSqlite({ file }), { local: true })
        assert.strictEqual(yield* Effect.provide(id, layerStore({ address: `sqlite:${file}` }), { local: true }), first)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.live(
    "is not made of a database that holds something else, nor of a file that is none; both stay as they were",
    () =>
      inScratch((folder) =>
        Effect.gen(function* () {
          const other = `${folder}/other.sqlite`
          const made = new DatabaseSync(other)
          made.exec("CREATE TABLE songs (title TEXT)")
          made.close()
          const text = `${folder}/notes.txt`
          writeFileSync(text, "not a database, but long enough to be looked at as one\n".repeat(20))
          for (const [file, reason] of [
            [other, "it is no store of Fovea's, but holds a table songs. Give Fovea a database of its own."],
            [text, "file is not a database."]
          ] as const) {
            const before = readFileSync(file)
            const error = yield* Effect.flip(open({ file }))
            assert.include(error.message, reason)
            assert.deepStrictEqual(readFileSync(file), before)
          }
        }).pipe(Effect.provide(NodeServices.layer))
      )
  )

  it.live("is left alone if a newer version made it", () =>
    inScratch((folder) =>
      Effect.gen(function* () {
        const file = `${folder}/store.sqlite`
        yield* open({ file })
        const newer = new DatabaseSync(file)
        newer.exec("UPDATE fovea_store SET format = 7")
        newer.close()
        const error = yield* Effect.flip(open({ file }))
        assert.include(
          error.message,
          "a newer version of Fovea made it: its format is 7, this version knows those up to 1"
        )
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.live("is waited for while another process writes, as long as patience lasts", () =>
    inScratch((folder) =>
      Effect.gen(function* () {
        const file = `${folder}/store.sqlite`
        yield* open({ file })
        const other = new DatabaseSync(file)
        other.exec("BEGIN IMMEDIATE")
        const write = Database.use(({ sql, write }) => write("write", sql`UPDATE fovea_store SET format = 1`))
        const error = yield* Effect.flip(
          write.pipe(
            Effect.provide(layerSqlite({ file }), { local: true }),
            Effect.provideService(StorePatience, { patience: Duration.zero, answer: Duration.seconds(10) })
          )
        )
        assert.include(error.message, "database is locked")
        const ended = Effect.andThen(
          Effect.sleep("700 millis"),
          Effect.sync(() => other.close())
        )
        yield* Effect.all([write.pipe(Effect.provide(layerSqlite({ file }), { local: true })), ended], {
          concurrency: 2
        })
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it("is opened without a warning of Node's, and other warnings are passed on", () => {
    const module = pathToFileURL("src/layers/sql/sqliteClient.ts").href
    const script = `
      import * as Effect from "effect/Effect"
      import * as Reactivity from "effect/reactivity/Reactivity"
      import { makeSqliteClient } from "${module}"
      await Effect.runPromise(Effect.scoped(makeSqliteClient(":memory:")).pipe(Effect.provide(Reactivity.layer)))
      process.emitWarning("of another kind")`
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
    assert.strictEqual(status, 0, stderr)
    assert.notInclude(stderr, "SQLite")
    assert.include(stderr, "of another kind")
  })

  it.live("is a file, whatever it is called, and nothing else", () =>
    inScratch((folder) =>
      Effect.gen(function* () {
        for (const [file, problem] of [
          [folder, "it is a folder, not a file"],
          ["/dev/null", "it is a device, not a file"]
        ] as const) {
          assert.include((yield* Effect.flip(open({ file }))).message, problem)
        }
        // SQLite's own name for a database that is gone with its process.
        const fs = yield* FileSystem.FileSystem
        const file = ":memory:"
        yield* open({ file })
        const isThere = yield* fs.exists(file)
        yield* Effect.forEach(["", "-wal", "-shm"], (end) => fs.remove(`${file}${end}`, { force: true }))
        assert.isTrue(isThere)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.live("is not found at an address of another kind", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Effect.scoped(Layer.build(layerStore({ address: "redis://secret@host" }))))
      assert.include(error.message, "must be sqlite:FILE or postgres://USER@HOST:PORT/DATABASE")
      assert.notInclude(error.message, "secret")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
