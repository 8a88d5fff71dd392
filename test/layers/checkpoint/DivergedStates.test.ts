import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import {
  DivergedStates,
  layerDivergedStates,
  layerDivergedStatesMemory
} from "../../../src/layers/checkpoint/DivergedStates.ts"
import { assertSame, checkpointOf } from "./checkpointContract.ts"

/** What is left of six states, every other of which is not finite. */
const leftOf = <R>(layer: Layer.Layer<DivergedStates, unknown, R>) =>
  Effect.gen(function* () {
    const store = yield* DivergedStates
    for (const update of [1, 2, 3, 4, 5, 6]) yield* store.save(checkpointOf(update, update % 2 === 0 ? Number.NaN : 1))
    assertSame(yield* store.load(6), checkpointOf(6, Number.NaN))
    return yield* store.list
  }).pipe(Effect.provide(layer, { local: true }))

describe("DivergedStates", () => {
  it.effect("keep what no checkpoint may hold; in a folder, those of the last two times", () =>
    Effect.gen(function* () {
      const directory = yield* FileSystem.FileSystem.use((fs) => fs.makeTempDirectoryScoped())
      assert.deepStrictEqual(yield* leftOf(layerDivergedStates({ directory })), [3, 4, 5, 6])
      assert.deepStrictEqual(yield* leftOf(layerDivergedStatesMemory), [1, 2, 3, 4, 5, 6])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
