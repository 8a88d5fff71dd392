import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import {
  ClassifierExperiment,
  classifierLength,
  classifierPreset
} from "../../../src/domain/experiment/ClassifierExperiment.ts"

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
    { leastUpdates: 0 },
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

describe("the length of a classifier's training", () => {
  it.each([
    { count: 60_000, batchSize: 100, updatesPerEpoch: 600, totalUpdates: 4800, checkpointEvery: 600 },
    { count: 3600, batchSize: 100, updatesPerEpoch: 36, totalUpdates: 288, checkpointEvery: 36 },
    { count: 133, batchSize: 100, updatesPerEpoch: 1, totalUpdates: 240, checkpointEvery: 30 },
    { count: 12, batchSize: 12, updatesPerEpoch: 1, totalUpdates: 240, checkpointEvery: 30 },
    { count: 1, batchSize: 1, updatesPerEpoch: 1, totalUpdates: 240, checkpointEvery: 30 }
  ])("is in updates where passes are short: %o", ({ count, ...expected }) => {
    assert.deepStrictEqual(classifierLength(classifierPreset, count), expected)
  })
})
