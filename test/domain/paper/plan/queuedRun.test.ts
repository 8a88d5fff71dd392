import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeSettings } from "../../../../src/domain/experiment/presets.ts"
import { queuedRun } from "../../../../src/domain/paper/plan/queuedRun.ts"
import { plannedRuns, type ReproductionPlan } from "../../../../src/domain/paper/plan/ReproductionPlan.ts"
import type { PointData } from "../../../../src/domain/sweep/planPoints.ts"

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex")

/** The modern preset, for two epochs, as a point on this many images. */
const queuedOn = (count: number) => {
  const plan: ReproductionPlan = {
    name: "one",
    experiments: [{ preset: "modern", settings: { training: { epochs: 2 } } }],
    evaluation: { samples: 10, courseSamples: 10, probeRows: 1 }
  }
  const [run] = Result.getOrThrow(plannedRuns(plan, { changes: {} }))
  assert(run !== undefined)
  const data: PointData = { name: "digits", digests: {}, format: { channels: 1, height: 28, width: 28 }, count }
  return queuedRun(run, data, "reference", digestOf)
}

/** The lengths of the decays in the settings that a worker is given, and all updates of the point. */
const lengthsOf = ({ point }: ReturnType<typeof queuedOn>) => {
  assert(point.work.kind === "settings")
  const { training } = Result.getOrThrow(decodeSettings(point.work.settings))
  assert(training.objective === "adversarial")
  const { generatorOptimizer: G, discriminatorOptimizer: D } = training
  assert(G.kind === "adam" && D.kind === "adam")
  const lengths = [G.learningRateDecay, D.learningRateDecay].map((decay) => decay?.updates)
  return { updates: point.updates, lengths }
}

describe("a training of a reproduction as a point", () => {
  it("says over how many updates its decays go: over all of it", () => {
    assert.deepStrictEqual(lengthsOf(queuedOn(600)), { updates: 12, lengths: [12, 12] })
    assert.deepStrictEqual(lengthsOf(queuedOn(1050)), { updates: 20, lengths: [20, 20] })
  })
})
