import { assert, describe, it } from "@effect/vitest"
import { CheckpointError, type CheckpointReason, mayFallBack } from "../../../src/layers/checkpoint/CheckpointStore.ts"

const messageOf = (reason: CheckpointReason): string => new CheckpointError({ path: "run/update-7", reason }).message

describe("the message of a CheckpointError", () => {
  it("names another version's format, and what to do", () => {
    assert.strictEqual(
      messageOf({ _tag: "Incompatible", expected: "format 1", found: "format 2" }),
      "run/update-7 was written by another version: expected format 1, found format 2. Read it with the version that wrote it."
    )
  })

  it("says what a store holds in place of what was asked for, if anything", () => {
    assert.strictEqual(
      messageOf({ _tag: "NotFound", update: 7, held: [] }),
      "run/update-7 holds no checkpoint of update 7, but no checkpoints."
    )
    assert.strictEqual(
      messageOf({ _tag: "NotFound", update: 7, held: [3, 5] }),
      "run/update-7 holds no checkpoint of update 7, but those of updates 3, 5."
    )
  })

  it("gives a remedy for what the system said, and none for a description that breaks its schema", () => {
    assert.match(messageOf({ _tag: "Unwritable", detail: "ENOSPC: no space left on device" }), /Free some space there/)
    assert.match(
      messageOf({ _tag: "Unwritable", detail: "the description is not valid: metrics.LOSSES: NaN." }),
      /metrics\.LOSSES: NaN\. Earlier checkpoints are intact\.$/
    )
  })
})

describe("mayFallBack", () => {
  it("is true of what is broken for good, and false of what another look, or another version, can read", () => {
    const [expected, found] = ["a", "b"]
    assert.isTrue(mayFallBack({ _tag: "Damaged", expected, found }))
    assert.isTrue(mayFallBack({ _tag: "NotFinite", tensor: "w", value: "NaN" }))
    assert.isFalse(mayFallBack({ _tag: "Unreadable", detail: "EACCES: permission denied" }))
    assert.isFalse(mayFallBack({ _tag: "Incompatible", expected, found }))
    assert.isFalse(mayFallBack({ _tag: "NotFound", update: 1, held: [] }))
  })
})
