import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CheckpointError, type CheckpointReason } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { newestOf } from "../../../src/layers/checkpoint/newest.ts"
import { checkpointOf } from "./checkpointContract.ts"

const damaged: CheckpointReason = { _tag: "Damaged", expected: "a", found: "b" }
const unreadable: CheckpointReason = { _tag: "Unreadable", detail: "EACCES: permission denied" }

/** What is found among updates 1 to 5, some of which cannot be loaded, and which were passed over for it. */
const found = (wrong: Readonly<Record<number, CheckpointReason>>) =>
  Effect.gen(function* () {
    const passed: Array<number> = []
    const load = (update: number) => {
      const reason = wrong[update]
      return reason === undefined
        ? Effect.succeed(checkpointOf(update))
        : new CheckpointError({ path: `update-${update}`, reason })
    }
    const latest = newestOf(Effect.succeed([1, 2, 3, 4, 5]), load, { passedOver: (updates) => passed.push(...updates) })
    const result = yield* Effect.result(
      Effect.map(
        latest,
        Option.map(({ description }) => description.update)
      )
    )
    return { result, passed }
  })

describe("the newest checkpoint of a store that may fall back", () => {
  it.effect("is the newest intact one, and all those after it are passed over", () =>
    Effect.gen(function* () {
      const { result, passed } = yield* found({ 5: damaged, 4: damaged, 2: damaged })
      assert.deepInclude(result, { _tag: "Success", success: Option.some(3) })
      assert.deepStrictEqual(passed, [5, 4])
      assert.deepStrictEqual((yield* found({})).passed, [])
    })
  )

  it.effect(
    "is none where the newest merely cannot be read: nothing is passed over, and the newest intact is named",
    () =>
      Effect.gen(function* () {
        const { result, passed } = yield* found({ 5: unreadable, 4: damaged })
        assert.deepStrictEqual(passed, [])
        assert.strictEqual(result._tag === "Failure" ? result.failure.intact : undefined, 3)
      })
  )
})
