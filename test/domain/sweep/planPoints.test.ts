import { createHash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import type { SettingsError } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { decodeSettings } from "../../../src/domain/experiment/presets.ts"
import { decodePoint, encodePoint } from "../../../src/domain/sweep/PlannedPoint.ts"
import {
  fittedPoint,
  measuredBy,
  type PointData,
  requireMeasures,
  settingsPoints,
  timesOf
} from "../../../src/domain/sweep/planPoints.ts"
import { decodeSweepPlan, type SweepPlan } from "../../../src/domain/sweep/SweepPlan.ts"

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex")
const data: PointData = {
  name: "digits",
  digests: { "train-images-idx3-ubyte": "ab" },
  format: { channels: 1, height: 12, width: 12 },
  count: 600
}
const small = {
  model: { filters: 4, units: 8 },
  training: { updates: 40, batchSize: 20 },
  dataset: { kind: "synthetic", count: 600, height: 12, width: 12 }
}
const planOf = (json: object): SweepPlan =>
  Result.getOrThrow(decodeSweepPlan({ name: "mine", settings: small, ...json }))

const fitted = (json: object, engine = "onnxruntime-cpu", of = data) => {
  const plan = planOf(json)
  return Result.getOrThrow(settingsPoints(plan)).map((point) =>
    Result.getOrThrow(fittedPoint(plan, point, of, engine, digestOf))
  )
}
const idsOf = (...args: Parameters<typeof fitted>) => fitted(...args).map(({ id }) => id)
const messageOf = (result: Result.Result<unknown, SettingsError>) => Result.getOrThrow(Result.flip(result)).message

describe("what a plan measures at the end of its points", () => {
  const refused = (json: object) => messageOf(decodeSweepPlan({ name: "mine", measure: { samples: 100 }, ...json }))

  it("is of bundled systems on one data set, and ranks points, but ends none", () => {
    assert.match(refused({ module: "own.ts" }), /^measure: .*a module measures by its outputs/)
    const dataset = { path: "dataset", values: [{ kind: "mnist" }] }
    assert.match(refused({ axes: [dataset] }), /^measure: .*distances on several do not compare/)
    const best = { measure: "frechetDistance", goal: "lowest" } as const
    const measured = ["loss"]
    assert.isTrue(Result.isSuccess(requireMeasures({ best, measure: { samples: 100 } }, measured)))
    assert.match(messageOf(requireMeasures({ best }, measured)), /measure loss, and no "frechetDistance"/)
    const stop = { bounds: [{ measure: "frechetDistance", epoch: 1, most: 10 }] }
    assert.match(messageOf(requireMeasures({ stop, measure: { samples: 100 } }, measured)), /^stop\.bounds\.0/)
    assert.match(refused({ measure: { samples: 0 } }), /^measure\.samples: /)
  })
})

describe("points of a plan", () => {
  it("are every combination of the axes with every seed", () => {
    const points = fitted({ axes: [{ path: "model.glimpses", values: [2, 3] }], seeds: [5, 6] })
    assert.deepStrictEqual(
      points.map(({ point }) => [point.values["model.glimpses"], point.seed, point.updates, point.shards]),
      [
        [2, 5, 40, 1],
        [2, 6, 40, 1],
        [3, 5, 40, 1],
        [3, 6, 40, 1]
      ]
    )
    assert.strictEqual(new Set(points.map(({ id }) => id)).size, 4)
    for (const { point } of points) {
      assert.deepStrictEqual(Result.getOrThrow(decodePoint(encodePoint(point))), point)
    }
  })

  it("are refused if the plan ranks or stops by what none of them measures", () => {
    const asked = (json: object, measured = ["loss"]) => requireMeasures(planOf(json), measured)
    const bounds = [
      { measure: "loss", update: 1, most: 2 },
      { measure: "lost", update: 1, most: 2 }
    ]
    assert.isTrue(Result.isSuccess(asked({ stop: { bounds: bounds.slice(0, 1) } })))
    assert.strictEqual(
      messageOf(asked({ stop: { bounds } })),
      'stop.bounds.1.measure: these trainings measure loss, and no "lost"'
    )
    const halving = { measure: "loss", goal: "lowest", first: 1, factor: 2 }
    assert.match(
      messageOf(asked({ stop: { halving } }, [])),
      /^stop\.halving\.measure: these trainings measure nothing/
    )
    const [whole] = Result.getOrThrow(settingsPoints(planOf({ preset: "modern" })))
    assert.include(whole === undefined ? [] : measuredBy(whole.settings), "gradientPenalty")
  })

  it("have the id of what decides their numbers, whatever the plan calls them and in whatever order", () => {
    const grid = { axes: [{ path: "model.glimpses", values: [2, 3] }], seeds: 2 }
    const ids = idsOf(grid)
    assert.deepStrictEqual(idsOf({ ...grid, name: "other", images: { samples: 4, times: 2 } }), ids)
    const asList = { axes: [{ points: [{ "model.glimpses": 3 }, { "model.glimpses": 2 }] }], seeds: [1, 0] }
    assert.deepStrictEqual(idsOf(asList).toSorted(), ids.toSorted())
    const reporting = { ...small, reporting: { logEveryUpdates: 3 } }
    assert.deepStrictEqual(idsOf({ ...grid, settings: reporting }), ids)
    // Who asks for milestones would not have them of the others.
    const keeping = { ...small, reporting: { milestoneEpochs: [1] } }
    for (const id of idsOf({ ...grid, settings: keeping })) assert.notInclude(ids, id)
  })

  it("have other ids where anything that decides a number is other", () => {
    const one = {}
    const changes = [
      idsOf({ seeds: [1] }),
      idsOf({ settings: { ...small, training: { ...small.training, updates: 41 } } }),
      idsOf({ settings: { ...small, training: { ...small.training, shards: 2 } } }),
      idsOf({ settings: { ...small, model: { ...small.model, glimpses: 2 } } }),
      idsOf({ stop: { collapse: true } }),
      idsOf({ stop: { halving: { measure: "generatorLoss", goal: "lowest", first: 10, factor: 2 } } }),
      idsOf(one, "reference"),
      idsOf(one, "onnxruntime-cpu", { ...data, digests: { "train-images-idx3-ubyte": "cd" } })
    ]
    assert.strictEqual(new Set([...idsOf(one), ...changes.flat()]).size, changes.length + 1)
  })

  it("say over how many updates their decays go: over all of each", () => {
    const generatorOptimizer = { learningRateDecay: { shape: "linear", least: 1e-5 } }
    const settings = { ...small, training: { batchSize: 20, generatorOptimizer } }
    const plan = planOf({ settings, axes: [{ path: "training.batchSize", values: [601] }] })
    for (const point of Result.getOrThrow(settingsPoints(plan))) {
      assert.include(messageOf(fittedPoint(plan, point, data, "reference", digestOf)), "cannot be taken from 600")
    }
    const points = fitted({ settings, axes: [{ path: "training.epochs", values: [1, 2] }] })
    assert.deepStrictEqual(
      points.map(({ point }) => point.updates),
      [30, 60]
    )
    for (const { point } of points) {
      assert(point.work.kind === "settings")
      const { training } = Result.getOrThrow(decodeSettings(point.work.settings))
      assert("generatorOptimizer" in training && training.generatorOptimizer.kind === "adam")
      assert.strictEqual(training.generatorOptimizer.learningRateDecay?.updates, point.updates)
    }
  })

  it("are refused by the path and the value, before anything is queued", () => {
    const refused = (json: object) => messageOf(settingsPoints(planOf(json)))
    assert.strictEqual(
      refused({ axes: [{ path: "model.glimpsez", values: [2] }] }),
      'axes: "model.glimpsez": there is no such setting; near it are model.glimpses, model.reader.glimpses'
    )
    assert.include(refused({ axes: [{ path: "model.glimpses", values: [2, 0] }] }), "axes: model.glimpses: expected")
    assert.include(refused({ axes: [{ path: "seed", values: [2] }] }), 'seeds are listed in "seeds"')
    assert.include(refused({ axes: [{ path: "reporting.logEveryUpdates", values: [2] }] }), "changes no number")
    const plan = planOf({ axes: [{ path: "training.batchSize", values: [601] }] })
    const [point] = Result.getOrThrow(settingsPoints(plan))
    if (point === undefined) return assert.fail("no point")
    assert.include(
      messageOf(fittedPoint(plan, point, data, "reference", digestOf)),
      "training.batchSize = 601, seed 0: training.batchSize: a batch of 601 cannot be taken from 600 training images"
    )
  })

  it("report from ten to a hundred times, and are judged only where they report", () => {
    const halving = { measure: "x", goal: "lowest", first: 25, factor: 3 } as const
    const bounds = [{ measure: "x", epoch: 2, most: 1 }]
    const times = timesOf({ stop: { halving, bounds } }, 1000, 101, 100)
    assert.strictEqual(times.reportEvery, 100)
    assert.deepStrictEqual(times.stop.halving?.rungs, [100, 300, 700])
    assert.deepStrictEqual(times.stop.bounds, [{ measure: "x", update: 300, most: 1 }])
    assert.strictEqual(timesOf({}, 20, 100, 100).reportEvery, 2)
    assert.strictEqual(timesOf({}, 100_000, 100, 10).reportEvery, 1000)
  })
})
