import { assert, describe, it } from "@effect/vitest"
import { ConnectionError, SqlError, UnknownError } from "effect/sql/SqlError"
import { troubleOf } from "../../../src/layers/sql/trouble.ts"

const kindOf = (fields: object, made: "known" | "connection" = "known") => {
  const cause = Object.assign(new Error("as it said"), fields)
  const reason = made === "known" ? new UnknownError({ cause }) : new ConnectionError({ cause })
  return troubleOf(new SqlError({ reason }))
}

describe("what a database fails with", () => {
  it("is waited for where it may come back: no connection, no space, shutting down", () => {
    for (const code of ["08006", "53100", "53300", "57P01", "57P03", "58030", "ECONNREFUSED", "EAI_AGAIN"]) {
      assert.deepStrictEqual(kindOf({ code }), { kind: "away", detail: "as it said" }, code)
    }
    for (const errcode of [10, 13, 10 | (3 << 8)]) assert.strictEqual(kindOf({ errcode }).kind, "away")
    assert.strictEqual(kindOf({}, "connection").kind, "away")
  })

  it("is tried again where another was in the way", () => {
    for (const code of ["40001", "40P01", "55P03"]) assert.strictEqual(kindOf({ code }).kind, "busy", code)
    for (const errcode of [5, 6, 5 | (2 << 8)]) assert.strictEqual(kindOf({ errcode }).kind, "busy")
  })

  it("is told at once where it would be the same again", () => {
    for (const code of ["28P01", "3D000", "42501", "42P01", "23505"])
      assert.strictEqual(kindOf({ code }).kind, "refused", code)
    for (const errcode of [1, 14, 19, 26]) assert.strictEqual(kindOf({ errcode }).kind, "refused")
    assert.strictEqual(kindOf({}).kind, "refused")
  })

  it("is found in errors within errors", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })
    const both = new SqlError({ reason: new ConnectionError({ cause: new AggregateError([refused, refused]) }) })
    assert.deepStrictEqual(troubleOf(both), { kind: "away", detail: "connect ECONNREFUSED" })
  })
})
