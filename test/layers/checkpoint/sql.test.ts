import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { Retention } from "../../../src/domain/checkpoint/retention.ts"
import { type Checkpoint, CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { packCheckpoint } from "../../../src/layers/checkpoint/packedCheckpoint.ts"
import { layerSql, type SqlCheckpointOptions } from "../../../src/layers/checkpoint/sql.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { layerSqlite } from "../../../src/layers/sql/sqlite.ts"
import { withWarnings } from "../../support/withWarnings.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"

const inStore = <A, E>(use: Effect.Effect<A, E, Database>) =>
  Effect.gen(function* () {
    const folder = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped({ prefix: "fovea-sql-" }))
    return yield* Effect.provide(use, layerSqlite({ file: `${folder}/store.sqlite` }))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const open = (options: Partial<SqlCheckpointOptions> = {}) =>
  Effect.provide(CheckpointStore, layerSql({ run: "a", ...options }), { local: true })

const withLoss = (update: number, loss: number): Checkpoint => {
  const checkpoint = checkpointOf(update)
  return { ...checkpoint, description: { ...checkpoint.description, metrics: { loss } } }
}

describe("checkpoints in a database", () => {
  it.effect("come back whole, in one place for each run, and name the store and the run where there is none", () =>
    inStore(
      Effect.gen(function* () {
        const { location } = yield* Database
        const [store, other] = [yield* open(), yield* open({ run: "b" })]
        const saved = yield* store.save(checkpointOf(7))
        assert.deepStrictEqual(saved, { update: 7, path: `${location} run a update 7` })
        yield* store.save(checkpointOf(7, 8))
        assertSame(yield* store.load(7), checkpointOf(7, 8))
        assert.deepStrictEqual([yield* store.list, yield* other.list], [[7], []])
        assert.strictEqual(
          (yield* Effect.flip(store.load(5))).message,
          `${location} run a holds no checkpoint of update 5, but those of updates 7.`
        )
        assert.strictEqual(store.location, `${location} run a`)
      })
    )
  )

  it.effect("stay by a rule, whoever saved them, one whose manifest cannot be read without its metrics", () =>
    inStore(
      Effect.gen(function* () {
        const keep: Retention = { last: 1, best: { metric: "loss", goal: "lowest" } }
        const first = yield* open({ keep: 9 })
        for (const [update, loss] of [[10, 1] as const, [20, 2] as const, [30, 5] as const]) {
          yield* first.save(withLoss(update, loss))
        }
        const { sql } = yield* Database
        const broken = new TextEncoder().encode("{}")
        yield* sql`UPDATE fovea_checkpoints SET manifest = ${broken} WHERE update_done = 10`
        yield* (yield* open({ keep })).save(withLoss(40, 3))
        assert.deepStrictEqual(yield* first.list, [20, 40])
        // The run went back: what it saves stays all the same.
        yield* (yield* open({ keep: 1 })).save(withLoss(15, 9))
        assert.deepStrictEqual(yield* first.list, [15, 40])
      })
    )
  )

  it.effect("that are damaged and passed over are set aside by the next save, once", () =>
    inStore(
      Effect.gen(function* () {
        const { sql } = yield* Database
        const store = yield* open({ keep: 9, onDamage: "fallback" })
        for (const update of [1, 2]) yield* store.save(checkpointOf(update))
        yield* sql`UPDATE fovea_checkpoints SET manifest = ${new TextEncoder().encode("{}")} WHERE update_done = 2`
        const damage = yield* Effect.flip((yield* open()).latest)
        assert.deepInclude(damage.reason, { _tag: "Damaged" })
        assert.match(damage.path, /run a update 2 manifest\.json$/)
        const { result, lines } = yield* withWarnings(store.latest)
        assertSame(Option.getOrThrow(result), checkpointOf(1))
        assert.match(lines.join(), /Going on from the checkpoint of update 1\.$/)
        yield* store.save(checkpointOf(3))
        assert.deepStrictEqual(yield* store.list, [1, 3])
        yield* store.save(checkpointOf(2))
        yield* store.save(checkpointOf(4))
        assert.deepStrictEqual(yield* store.list, [1, 2, 3, 4])
        const aside = yield* sql<{
          readonly n: number
        }>`SELECT count(*) AS n FROM fovea_checkpoints WHERE update_done < 0`
        assert.deepStrictEqual(aside, [{ n: 1 }])
      })
    )
  )

  it.effect("may have as many bytes as are allowed, and are refused beyond", () =>
    inStore(
      Effect.gen(function* () {
        const packed = yield* Effect.fromResult(packCheckpoint(checkpointOf(1)))
        const bytes = packed.manifest.length + packed.tensors.length
        yield* (yield* open({ mostBytes: bytes })).save(checkpointOf(1))
        const { message, reason } = yield* Effect.flip((yield* open({ mostBytes: bytes - 1 })).save(checkpointOf(1)))
        assert.strictEqual(reason._tag, "Unwritable")
        assert.include(message, `it takes ${bytes} bytes, and ${bytes - 1} are allowed`)
      })
    )
  )

  it.effect("are neither saved nor read where the database refuses, which is said", () =>
    inStore(
      Effect.gen(function* () {
        const store = yield* open()
        const { sql } = yield* Database
        yield* sql`DROP TABLE fovea_tensors`
        yield* sql`DROP TABLE fovea_checkpoints`
        const errors = [yield* Effect.flip(store.save(checkpointOf(1))), yield* Effect.flip(store.list)]
        assert.deepStrictEqual(
          errors.map(({ reason }) => reason._tag),
          ["Unwritable", "Unreadable"]
        )
        for (const { message } of errors) assert.include(message, "no such table")
      })
    )
  )
})
