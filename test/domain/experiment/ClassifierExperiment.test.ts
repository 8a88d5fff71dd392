import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { ClassifierExperiment, classifierPreset } from "../../../src/domain/experiment/ClassifierExperiment.ts"

const encoded = Schema.encodeSync(ClassifierExperiment)(classifierPreset)
const decode = Schema.decodeUnknownExit(ClassifierExperiment, { errors: "all", onExcessProperty: "error" })

describe("ClassifierExperiment", () => {
  it("reads back what it writes", () => {
    const exit = decode(JSON.parse(JSON.stringify(encoded)))
    assert.deepStrictEqual(exit._tag === "Success" ? exit.value : exit, classifierPreset)
  })

  it.each([
    { seed: -1 },
    { epochs: 0 },
    { batchSize: 2.5 },
    { shift: -1 },
    { averageDecay: 1 },
    { averageDecay: -0.1 },
    { model: { ...encoded.model, kernelSize: 4 } },
    { model: { ...encoded.model, kernels: [16] } },
    { model: { ...encoded.model, features: 0 } },
    { extra: 1 }
  ])("refuses %o, naming the field", (change) => {
    const exit = decode({ ...encoded, ...change })
    assert.strictEqual(exit._tag, "Failure")
    assert.include(String(exit), Object.keys(change)[0] ?? "")
  })
})
