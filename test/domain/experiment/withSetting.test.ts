import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import fc from "fast-check"
import type { SettingsJson } from "../../../src/domain/experiment/presets.ts"
import { parseAssignment, withSetting } from "../../../src/domain/experiment/withSetting.ts"

const parsed = (text: string): unknown => Result.getOrElse(parseAssignment(text), (problem) => problem)

describe("path=value", () => {
  it("is a path and a value in JSON, or a text as it is", () => {
    const cases: ReadonlyArray<readonly [string, string, unknown]> = [
      ["model.glimpses=8", "model.glimpses", 8],
      ["dataset.flip=true", "dataset.flip", true],
      ["dataset.crop=centre", "dataset.crop", "centre"],
      ["dataset.directory=a=b", "dataset.directory", "a=b"],
      ["reporting.milestoneEpochs=[1, 2]", "reporting.milestoneEpochs", [1, 2]],
      ["model.latentPlan[0].mean=1e-3", "model.latentPlan.0.mean", 0.001],
      ["training.updates=null", "training.updates", null]
    ]
    for (const [text, path, value] of cases) assert.deepStrictEqual(parsed(text), { path, value })
  })

  it.each([
    ["model.glimpses", /expected path=value/],
    ["=8", /expected path=value/],
    ["model..glimpses=8", /expected path=value/],
    ['dataset={"kind"', /the value of dataset is not JSON/],
    ["seed=9007199254740993", /the value of seed: 9007199254740993 cannot be held exactly/],
    ["training.updates=1e999", /the value of training.updates: 1e999 is too large/]
  ] as const)("%s is refused", (text, message) => {
    assert.match(String(parsed(text)), message)
  })
})

describe("a setting that is changed", () => {
  const json: SettingsJson = { seed: 1, model: { kind: "a", units: 2 }, list: [1, 2] }
  const changed = (path: string, value: unknown): unknown =>
    Result.getOrElse(withSetting(json, { path, value }), (problem) => problem)

  it("leaves the others as they are", () => {
    assert.deepStrictEqual(changed("model.units", 3), { seed: 1, model: { kind: "a", units: 3 }, list: [1, 2] })
    assert.deepStrictEqual(changed("list.1", 5), { seed: 1, model: { kind: "a", units: 2 }, list: [1, 5] })
    assert.deepStrictEqual(changed("list.2", 5), { seed: 1, model: { kind: "a", units: 2 }, list: [1, 2, 5] })
    assert.deepStrictEqual(changed("list.0", null), { seed: 1, model: { kind: "a", units: 2 }, list: [2] })
    assert.deepStrictEqual(changed("model.units", null), { seed: 1, model: { kind: "a" }, list: [1, 2] })
    assert.deepStrictEqual(json, { seed: 1, model: { kind: "a", units: 2 }, list: [1, 2] })
  })

  it("of another kind drops what belonged to the former", () => {
    assert.deepStrictEqual(changed("model.kind", "b"), { seed: 1, model: { kind: "b" }, list: [1, 2] })
    assert.deepStrictEqual(changed("model.kind", "a"), json)
  })

  it("is refused below a value, and outside of an array", () => {
    assert.strictEqual(changed("seed.deep", 3), '1 has no "deep"')
    assert.strictEqual(changed("list.4", 3), "there is no element 4 in an array of 2")
    assert.strictEqual(changed("list.x", 3), "there is no element x in an array of 2")
  })

  it("is an own field whatever its name, and changes no prototype", () => {
    fc.assert(
      fc.property(fc.constantFrom("__proto__", "constructor", "toString", "x"), fc.boolean(), (name, deep) => {
        const whole = Result.getOrThrow(withSetting({}, { path: deep ? `${name}.polluted` : name, value: 1 }))
        assert.isTrue(Object.hasOwn(whole, name))
        assert.strictEqual(Object.getPrototypeOf(whole), Object.prototype)
        assert.notProperty({}, "polluted")
      })
    )
  })
})
