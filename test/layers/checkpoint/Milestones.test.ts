import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import {
  layerMilestones,
  layerMilestonesMemory,
  layerSqlMilestones,
  Milestones
} from "../../../src/layers/checkpoint/Milestones.ts"
import { layerSql } from "../../../src/layers/checkpoint/sql.ts"
import { Database } from "../../../src/layers/sql/Database.ts"
import { layerSqlite } from "../../../src/layers/sql/sqlite.ts"
import { checkpointOf } from "./checkpointContract.ts"

const saved = Effect.gen(function* () {
  const store = yield* Milestones
  for (const update of [1, 2, 3, 4, 5]) yield* store.save(checkpointOf(update))
  return { list: yield* store.list, location: store.location }
})

describe("Milestones", () => {
  it.effect("are all kept, in a folder as in memory", () =>
    Effect.gen(function* () {
      const directory = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
      const list = [1, 2, 3, 4, 5]
      assert.deepStrictEqual(yield* Effect.provide(saved, layerMilestones({ directory })), {
        list,
        location: directory
      })
      assert.deepStrictEqual(yield* Effect.provide(saved, layerMilestonesMemory), { list, location: "memory" })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of a run in a database lie beside its checkpoints, and are not taken for them", () =>
    Effect.gen(function* () {
      const directory = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
      yield* Effect.gen(function* () {
        const { location } = yield* Database
        const found = yield* Effect.provide(saved, layerSqlMilestones({ run: "a" }))
        assert.deepStrictEqual(found, { list: [1, 2, 3, 4, 5], location: `${location} run a.milestones` })
        const checkpoints = Effect.flatMap(CheckpointStore, ({ list }) => list)
        assert.deepStrictEqual(yield* Effect.provide(checkpoints, layerSql({ run: "a" })), [])
      }).pipe(Effect.provide(layerSqlite({ file: `${directory}/store.sqlite` })))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
