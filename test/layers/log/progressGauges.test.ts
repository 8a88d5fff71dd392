import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { gaugeProgress } from "../../../src/layers/log/progressGauges.ts"
import { progress } from "./trainingEvents.ts"

describe("gaugeProgress", () => {
  it.effect("sets a gauge for each finite number, with the run as its attribute", () =>
    Effect.gen(function* () {
      const event = progress({ update: 8, epoch: 0.5, updatesPerSecond: 33, metrics: { loss: 2, lost: Number.NaN } })
      assert.isUndefined(yield* gaugeProgress("mine", event))
      const set = (yield* Metric.snapshot).map(({ id, attributes, state }) => [id, attributes, state])
      const of = (name: string, value: number) => [`fovea.training.${name}`, { run: "mine" }, { value }]
      assert.sameDeepMembers(set, [of("loss", 2), of("update", 8), of("epoch", 0.5), of("updatesPerSecond", 33)])
    }).pipe(Effect.provideService(Metric.MetricRegistry, new Map()))
  )
})
