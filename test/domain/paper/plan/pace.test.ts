import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { presetNames, type SettingsJson } from "../../../../src/domain/experiment/presets.ts"
import { secondsLeft, secondsOfTraining, sumOf } from "../../../../src/domain/paper/plan/pace.ts"
import {
  bundledPlan,
  decodePlan,
  isPlanName,
  planNames,
  plannedRuns
} from "../../../../src/domain/paper/plan/ReproductionPlan.ts"

const runsWith = (changes: SettingsJson) =>
  Result.getOrThrow(
    plannedRuns(
      Result.getOrThrow(
        decodePlan({
          name: "all",
          experiments: presetNames.map((preset) => ({ preset })),
          evaluation: { samples: 10, courseSamples: 10, probeRows: 1 }
        })
      ),
      { replicas: 1, changes }
    )
  )

describe("secondsOfTraining", () => {
  it("knows a time of every preset as it is, in proportion to its updates", () => {
    for (const run of runsWith({ training: { epochs: 1 } })) {
      const [one, three] = [secondsOfTraining(run, 1000), secondsOfTraining(run, 3000)]
      assert.isAbove(one ?? 0, 0, run.experiment)
      assert.approximately(three ?? 0, 3 * (one ?? 0), 1e-9)
    }
  })

  it("says nothing of other data or another batch, whose time is another", () => {
    const dataset = { kind: "idx", directory: "digits" }
    for (const changes of [{ dataset }, { training: { batchSize: 50 } }]) {
      for (const run of runsWith(changes)) assert.isUndefined(secondsOfTraining(run, 1000))
    }
  })

  it("knows how long each bundled plan trains", () => {
    for (const name of planNames) {
      const plan = Result.getOrThrow(bundledPlan(isPlanName(name) ? name : "quick"))
      const runs = Result.getOrThrow(plannedRuns(plan, { replicas: 1, changes: {} }))
      assert.isDefined(sumOf(runs.map((run) => secondsOfTraining(run, 1))), name)
    }
  })
})

describe("secondsLeft", () => {
  const times = fc.array(fc.integer({ min: 5, max: 1000 }), { minLength: 1, maxLength: 5 })

  it("is what was thought on a machine as fast as thought, and as many times that as the machine is slower", () => {
    fc.assert(
      fc.property(times, times, fc.integer({ min: 1, max: 20 }), (done, left, slower) => {
        const timed = done.map((expected) => ({ expected, took: slower * expected }))
        const whole = left.reduce((sum, one) => sum + one, 0)
        assert.approximately(secondsLeft(timed, left) ?? 0, slower * whole, 1e-6)
        assert.strictEqual(secondsLeft([], left), whole)
      })
    )
  })

  it("does not judge the machine by a step that had nothing to do, or of which nothing was known", () => {
    const done = [
      { expected: 0, took: 3 },
      { expected: undefined, took: 100 }
    ]
    assert.strictEqual(secondsLeft(done, [60, 60]), 120)
  })

  it("is unknown where one of the steps is", () => {
    assert.isUndefined(secondsLeft([], [60, undefined]))
  })
})
