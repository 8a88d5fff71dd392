import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { settingsFrom } from "../../../../src/domain/experiment/presets.ts"
import { secondsOfClassifier, secondsOfMeasuring, secondsOfTraining } from "../../../../src/domain/paper/plan/pace.ts"
import {
  bundledPlan,
  decodePlan,
  type PlanChoice,
  plannedRuns,
  type ReproductionPlan
} from "../../../../src/domain/paper/plan/ReproductionPlan.ts"

const asIs: PlanChoice = { changes: {} }
const runsOf = (plan: ReproductionPlan, choice: PlanChoice = asIs) => Result.getOrThrow(plannedRuns(plan, choice))
const faultOf = (json: unknown): string =>
  Result.match(
    Result.flatMap(decodePlan(json), (plan) => plannedRuns(plan, asIs)),
    { onSuccess: () => "", onFailure: ({ message }) => message }
  )

const evaluation = { samples: 100, courseSamples: 50, probeRows: 10 }

describe("the bundled plans", () => {
  it("the whole reproduction is the presets as they are", () => {
    const runs = runsOf(Result.getOrThrow(bundledPlan("reproduction")))
    assert.deepStrictEqual(
      runs.map(({ experiment }) => experiment),
      ["paper", "baseline", "four-filters", "zero-canvas"]
    )
    for (const { experiment, settings, folder } of runs) {
      assert.deepStrictEqual(settings, Result.getOrThrow(settingsFrom(experiment as "paper")))
      assert.strictEqual(folder, `${experiment}/seed-0`)
    }
  })

  it("the quick one has the same experiments and models, trained for fewer epochs and measured by fewer samples, and the modern preset", () => {
    const [whole, quick] = [Result.getOrThrow(bundledPlan("reproduction")), Result.getOrThrow(bundledPlan("quick"))]
    const [long, short] = [runsOf(whole), runsOf(quick)]
    assert.sameMembers(
      short.map(({ experiment }) => experiment),
      [...long.map(({ experiment }) => experiment), "modern"]
    )
    for (const { experiment, settings } of short.filter(({ experiment }) => experiment !== "modern")) {
      const other = long.find((run) => run.experiment === experiment)?.settings
      assert.deepStrictEqual(settings.model, other?.model)
      assert.deepStrictEqual(settings.dataset, other?.dataset)
      assert.isBelow(settings.training.epochs, other?.training.epochs ?? 0)
      assert.deepStrictEqual({ ...settings.training, epochs: 0 }, { ...other?.training, epochs: 0 })
    }
    assert.isBelow(quick.evaluation.samples, whole.evaluation.samples)
  })

  // C6 compares the two at epochs at which both were measured, two at least.
  it("the quick one measures the canvas from zero where it measures the proposed model", () => {
    const runs = runsOf(Result.getOrThrow(bundledPlan("quick")))
    const epochsOf = (experiment: string): ReadonlyArray<number> =>
      runs
        .filter((run) => run.experiment === experiment)
        .flatMap(({ settings: { training, reporting } }) => [...(reporting.milestoneEpochs ?? []), training.epochs])
    const shared = epochsOf("zero-canvas").filter((epoch) => epochsOf("paper").includes(epoch))
    assert.isAtLeast(new Set(shared).size, 2)
  })

  it("the quick one shortens the modern preset, whose step sizes then stay where they are, and changes nothing else of it", () => {
    const { settings } =
      runsOf(Result.getOrThrow(bundledPlan("quick"))).find((run) => run.experiment === "modern") ?? {}
    const preset = Result.getOrThrow(settingsFrom("modern"))
    assert.deepStrictEqual(settings?.model, preset.model)
    assert.isBelow(settings?.training.epochs ?? 99, preset.training.epochs)
    const rest = (training: unknown): string =>
      JSON.stringify(training, (key, value) => (key === "epochs" || key === "learningRateDecay" ? undefined : value))
    assert.strictEqual(rest(settings?.training), rest(preset.training))
    assert.notInclude(JSON.stringify(settings?.training), "learningRateDecay")
  })

  it("the quick one gives the proposed model and the modern preset most of the time, and is thought to take no eight minutes", () => {
    const plan = Result.getOrThrow(bundledPlan("quick"))
    const runs = runsOf(plan)
    const secondsOf = (run: (typeof runs)[number]) =>
      secondsOfTraining(run, 500 * run.settings.training.epochs) ?? Number.NaN
    const total = (some: typeof runs) => some.reduce((sum, run) => sum + secondsOf(run), 0)
    const isShown = ({ experiment }: (typeof runs)[number]) => ["paper", "modern"].includes(experiment)
    assert.strictEqual(runs[0]?.experiment, "paper")
    assert.isAtLeast(runs[0]?.settings.training.epochs ?? 0, 12)
    assert.isAbove(total(runs.filter(isShown)), 2 * total(runs.filter((run) => !isShown(run))))
    const { samples, classifierEpochs = 8 } = plan.evaluation
    const measuring = secondsOfMeasuring({ kind: "mnist" }, runs.length, samples) ?? Number.NaN
    const classifier = secondsOfClassifier({ kind: "mnist" }, 500 * classifierEpochs) ?? Number.NaN
    assert.isBelow(total(runs) + classifier + measuring, 8 * 60)
  })
})

describe("plannedRuns", () => {
  it("trains every experiment with its first seed, then with the next; no two runs share a folder", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
        (replicas, seed) => {
          const plan = Result.getOrThrow(bundledPlan("quick"))
          const runs = runsOf(plan, { replicas, seed, changes: {} })
          assert.strictEqual(runs.length, plan.experiments.length * replicas)
          assert.strictEqual(new Set(runs.map(({ folder }) => folder)).size, runs.length)
          runs.forEach((run, i) => {
            assert.strictEqual(
              run.seed,
              (seed ?? (run.experiment === "four-filters" ? 3 : 0)) + Math.floor(i / plan.experiments.length)
            )
            assert.strictEqual(run.settings.seed, run.seed)
            assert.strictEqual(run.folder, `${run.experiment}/seed-${run.seed}`)
          })
        }
      )
    )
  })

  it("trains as many seeds of each experiment as the plan says, unless it is told how many", () => {
    const plan = Result.getOrThrow(
      decodePlan({
        name: "uneven",
        experiments: [{ preset: "paper", seeds: 3 }, { preset: "baseline" }, { preset: "four-filters", seeds: 2 }],
        evaluation
      })
    )
    const foldersOf = (choice: PlanChoice) => runsOf(plan, choice).map(({ folder }) => folder)
    assert.deepStrictEqual(foldersOf(asIs), [
      "paper/seed-0",
      "baseline/seed-0",
      "four-filters/seed-0",
      "paper/seed-1",
      "four-filters/seed-1",
      "paper/seed-2"
    ])
    assert.deepStrictEqual(foldersOf({ replicas: 1, changes: {} }), foldersOf(asIs).slice(0, 3))
  })

  it("lays changes over every experiment", () => {
    const dataset = { kind: "idx", directory: "digits" } as const
    const runs = runsOf(Result.getOrThrow(bundledPlan("quick")), { replicas: 1, changes: { dataset } })
    for (const { settings } of runs) assert.deepStrictEqual({ ...settings.dataset }, dataset)
  })
})

describe("a plan that is at fault is refused with the field that is", () => {
  const two = (second: object) => ({ name: "two", experiments: [{ preset: "paper" }, second], evaluation })
  it.each([
    [{ name: "none", experiments: [], evaluation }, /^experiments/],
    [{ name: "a/b", experiments: [{ preset: "paper" }], evaluation }, /^name: expected/],
    [two({ preset: "baseline", seeds: 0 }), /^experiments\.1\.seeds: expected/],
    [two({ preset: "nothing" }), /^experiments\.1\.preset: expected .*"paper"/],
    [two({ preset: "paper" }), /^experiments\.1\.settings\.name: another experiment is called "paper" as well$/],
    [
      two({ preset: "baseline", settings: { training: { epochs: 0 } } }),
      /^experiments\.1\.settings\.training\.epochs: expected/
    ],
    [two({ preset: "baseline", settings: { sed: 1 } }), /^experiments\.1\.settings\.sed: there is no such setting$/],
    [
      two({ preset: "baseline", settings: { dataset: { kind: "synthetic", count: 9, height: 6, width: 5 } } }),
      /^experiments\.1\.settings\.dataset: all experiments of a plan must be trained on the same data$/
    ],
    [
      { name: "few", experiments: [{ preset: "paper" }], evaluation: { ...evaluation, samples: 0 } },
      /^evaluation\.samples: expected/
    ],
    [{ name: "extra", experiments: [{ preset: "paper" }], evaluation, seeds: 3 }, /^seeds: there is no such setting$/]
  ])("%j", (json, message) => {
    assert.match(faultOf(json), message)
  })
})
