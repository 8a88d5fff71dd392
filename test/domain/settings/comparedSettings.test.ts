import { assert, describe, it } from "@effect/vitest"
import { comparedSettings } from "../../../src/domain/settings/comparedSettings.ts"

describe("comparedSettings", () => {
  const left = { name: "a", seed: 0, model: { kind: "x", filters: 5, sizes: [1, 2] }, reporting: { every: 1 } }
  const right = { name: "b", seed: 1, model: { kind: "x", units: null, sizes: [1, 3] }, reporting: { every: 2 } }

  it("finds what differs, with what only one has, and leaves out what decides nothing", () => {
    assert.deepStrictEqual(comparedSettings([left, right]).different, [
      { path: "model.filters", values: ["5", undefined] },
      { path: "model.sizes", values: ["[1,2]", "[1,3]"] },
      { path: "model.units", values: [undefined, "null"] }
    ])
    assert.deepStrictEqual(comparedSettings([left, right]).common, [{ path: "model.kind", values: ["x", "x"] }])
  })

  it("finds no difference of settings to themselves", () => {
    assert.deepStrictEqual(comparedSettings([left, left]).different, [])
    assert.deepStrictEqual(comparedSettings([]), { different: [], common: [] })
  })
})
