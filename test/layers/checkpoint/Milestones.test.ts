import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { layerMilestones, layerMilestonesMemory, Milestones } from "../../../src/layers/checkpoint/Milestones.ts"
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
})
