import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { unheldNumber } from "../../../src/domain/json/unheldNumber.ts"

describe("a number in a JSON text", () => {
  it.each<readonly [json: string, field: string, said: RegExp]>([
    ['{"seed": 9007199254740993}', "seed", /^9007199254740993 cannot be held exactly/],
    ['{"seed": -9007199254740993}', "seed", /^-9007199254740993 cannot/],
    ['{"seed": 9007199254740993.00}', "seed", /^9007199254740993\.00 cannot/],
    ['{"training": {"rate": 1, "epochs": 1e999}}', "training.epochs", /^1e999 is too large/],
    ['{"a": [{"b": 1}, {"b": [0, -1e400]}]}', "a[1].b[1]", /^-1e400 is too large/],
    ['{"a\\"b": "1e999", "c:,[": 1e-999}', "c:,[", /^1e-999 is too small/],
    [`[${"9".repeat(400)}]`, "[0]", /^9{40}… is too large/],
    ["1e999", "", /too large/]
  ])("that would become another one is named: %s", (json, field, said) => {
    const found = unheldNumber(json)
    assert.strictEqual(found?.field, field)
    assert.match(found?.problem ?? "", said)
  })

  it("that is held as well as any is let through, wherever it is", () => {
    for (const json of ["9007199254740991", "9007199254740992", "1e20", "0.1", "-0", "0e999", "0.0", '"1e999"'])
      assert.isUndefined(unheldNumber(json), json)
    fc.assert(fc.property(fc.json(), (json) => unheldNumber(json) === undefined))
  })
})
