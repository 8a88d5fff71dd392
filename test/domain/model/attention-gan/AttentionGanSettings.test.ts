import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { AttentionGanSettings } from "../../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import { paperSettings } from "../smallModels.ts"

const decode = Schema.decodeUnknownResult(AttentionGanSettings, { errors: "all", onExcessProperty: "error" })

const good = Schema.encodeSync(AttentionGanSettings)(paperSettings)
const step = { mean: 0, deviation: 1 }
const sixSteps = [step, step, step, step, step, step]

describe("AttentionGanSettings", () => {
  it("survive JSON", () => {
    for (const settings of [
      good,
      { ...good, latentPlan: sixSteps },
      { ...good, latentSteps: 1 },
      { ...good, writingOverlap: 0.5 },
      { ...good, writingBlur: 1 },
      { ...good, cell: "gated" as const },
      { ...good, reader: { filters: 8, glimpses: 8 } }
    ]) {
      const result = decode(JSON.parse(JSON.stringify(settings)))
      assert.isTrue(Result.isSuccess(result))
      if (Result.isSuccess(result))
        assert.deepStrictEqual(Schema.encodeSync(AttentionGanSettings)(result.success), settings)
    }
  })

  it.each([
    ...(["filters", "glimpses", "units", "latentSize"] as const).flatMap((field) =>
      [0, -1, 1.5, Number.NaN, "5"].map((value) => ({ bad: { [field]: value }, path: `["${field}"]` }))
    ),
    { bad: { reader: { filters: 8 } }, path: '["reader"]["glimpses"]' },
    { bad: { reader: { filters: 0, glimpses: 8 } }, path: '["reader"]["filters"]' },
    { bad: { latentSteps: 0 }, path: '["latentSteps"]' },
    { bad: { writingOverlap: -0.5 }, path: '["writingOverlap"]' },
    { bad: { writingBlur: -1 }, path: '["writingBlur"]' },
    { bad: { kind: "baseline" }, path: '["kind"]' },
    { bad: { activation: { generator: "softmax", discriminator: "tanh" } }, path: '["activation"]["generator"]' },
    { bad: { activation: { generator: "tanh" } }, path: '["activation"]["discriminator"]' },
    { bad: { cell: "lstm" }, path: '["cell"]' },
    { bad: { canvas: "tanh" }, path: '["canvas"]' },
    { bad: { canvasStart: "random" }, path: '["canvasStart"]' },
    { bad: { windowScale: -0.1 }, path: '["windowScale"]' },
    { bad: { windowScale: Number.POSITIVE_INFINITY }, path: '["windowScale"]' },
    { bad: { initialHiddenDeviation: -1 }, path: '["initialHiddenDeviation"]' },
    { bad: { initialHiddenDeviation: null }, path: '["initialHiddenDeviation"]' },
    { bad: { latentPlan: sixSteps.slice(1) }, path: '["latentPlan"]' },
    { bad: { latentPlan: [] }, path: '["latentPlan"]' },
    {
      bad: { latentPlan: sixSteps.with(2, { mean: 0, deviation: -1 }) },
      path: '["latentPlan"][2]["deviation"]'
    },
    { bad: { unit: 256 }, path: '["unit"]' }
  ])("refuse $bad, naming $path", ({ bad, path }) => {
    const result = decode({ ...good, ...bad })
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.include(String(result.failure), path)
  })

  it("refuse a missing field, naming it", () => {
    for (const field of Object.keys(good)) {
      const result = decode(Object.fromEntries(Object.entries(good).filter(([name]) => name !== field)))
      assert.isTrue(Result.isFailure(result), field)
      if (Result.isFailure(result)) assert.include(String(result.failure), `["${field}"]`)
    }
  })

  it("say how many latent steps were expected", () => {
    const result = decode({ ...good, latentPlan: sixSteps.slice(1) })
    assert.isTrue(Result.isFailure(result))
    if (Result.isFailure(result)) assert.include(String(result.failure), "must have one entry a glimpse: 6, not 5")
  })
})
