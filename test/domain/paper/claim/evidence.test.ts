import { assert, describe, it } from "@effect/vitest"
import { evidentOf } from "../../../../src/domain/paper/claim/evidence.ts"
import { evidence, numbersWith } from "./examples.ts"

describe("what a claim can be judged by", () => {
  const trainings = [
    evidence("paper", { seed: 0 }),
    evidence("paper", { seed: 1, collapsed: true }),
    evidence("paper", { seed: 2, updates: 7 }),
    evidence("paper", { seed: 3, numbers: numbersWith() }),
    evidence("baseline", { seed: 4 })
  ]
  const seedsOf = (...options: Parameters<typeof evidentOf>) => evidentOf(...options).usable.map(({ seed }) => seed)

  it("is what is finished, stands and was sampled, as far as that is asked for", () => {
    assert.deepStrictEqual(seedsOf(trainings, "paper", { collapsed: "kept" }), [0, 1, 3])
    assert.deepStrictEqual(seedsOf(trainings, "paper", { collapsed: "set aside" }), [0, 3])
    assert.deepStrictEqual(seedsOf(trainings, "paper", { collapsed: "set aside", sampled: true }), [3])
    assert.deepStrictEqual(seedsOf(trainings, "four-filters", { collapsed: "kept" }), [])
  })

  it("comes with a note on each training that is not counted", () => {
    const { notes } = evidentOf(trainings, "paper", { collapsed: "set aside", sampled: true })
    assert.deepStrictEqual(notes, [
      'Seed 2 of "paper" is not counted: 7 of its 100 updates are done.',
      '"paper" collapsed with seed 1, which is not counted.',
      'Nothing was sampled of "paper" with seed 0, which is not counted.'
    ])
    assert.deepStrictEqual(evidentOf(trainings, "baseline", { collapsed: "set aside" }).notes, [])
  })
})
