import { assert, describe, it } from "@effect/vitest"
import { own } from "../../../src/domain/record/own.ts"

describe("own", () => {
  it("finds nothing that every object inherits, and all that was put in", () => {
    const names = ["constructor", "toString", "hasOwnProperty", "__proto__", "valueOf"]
    for (const name of names) assert.isUndefined(own({}, name))
    const full = Object.fromEntries(names.map((name, i) => [name, i]))
    assert.deepStrictEqual(
      names.map((name) => own(full, name)),
      [0, 1, 2, 3, 4]
    )
  })
})
