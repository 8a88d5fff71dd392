/**
 * What each part of the modern preset does, or (`--plan test/bench/openChoices.json --epochs 10 --seeds 5`) each choice that the paper leaves
 * open: every variant of a plan trained with several seeds, measured after the same number of epochs, in one table:
 * `npm run ablations -- [--epochs 5] [--seeds 3] [--only modern,paper] [--plan test/bench/ablations.json] [--out runs/ablations]
 * [--classifier runs/classifier] [--shards 1] [--table]`.
 *
 * Each is an ordinary run in its folder (`runs/ablations/modern/seed-0`): what is there is gone on with, so the bench may be stopped
 * anywhere and started again, with more seeds or epochs too, and `--table` only measures what there is. All variants train with their
 * first seed before any with its second. Where a variant has been changed under its name, its old run is not gone on with: give another
 * `--out`. Measures are of as many samples as the plan says (2,000), from the average of G where the variant keeps one; a run is collapsed
 * if its images are all alike (`collapsed`).
 */
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { collapsed } from "../../src/domain/metrics/collapse.ts"
import { pairKey } from "../../src/domain/metrics/evaluatedReference.ts"
import { subsample } from "../../src/domain/metrics/Rows.ts"
import { SampleMeasures } from "../../src/domain/metrics/SampleMeasures.ts"
import { decodePlan, type PlannedRun, plannedRuns } from "../../src/domain/paper/plan/ReproductionPlan.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { runFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"
import { classifierLayer, workshopLayer } from "../../src/programs/cli/layers.ts"
import {
  type EvaluationReference,
  firstImages,
  openReference
} from "../../src/programs/evaluation/EvaluationReference.ts"
import { measureAgainst } from "../../src/programs/evaluation/measureImages.ts"
import { libraryVersion } from "../../src/programs/libraryVersion.ts"
import { cached } from "../../src/programs/paper/cached.ts"
import { generatorAfter, trainIn, usualMilestones } from "./plannedRuns.ts"

const { values: flags } = parseArgs({
  options: {
    epochs: { type: "string", default: "5" },
    seeds: { type: "string", default: "3" },
    only: { type: "string" },
    plan: { type: "string", default: "test/bench/ablations.json" },
    out: { type: "string", default: "runs/ablations" },
    classifier: { type: "string", default: "runs/classifier" },
    shards: { type: "string", default: "1" },
    table: { type: "boolean", default: false }
  }
})

const wholeNumber = (name: "epochs" | "seeds" | "shards"): number => {
  const value = Number(flags[name])
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`--${name} must be a positive whole number`)
  return value
}
const [epochs, seeds, shards] = [wholeNumber("epochs"), wholeNumber("seeds"), wholeNumber("shards")]

const Measured = Schema.Struct({ measures: SampleMeasures, collapsed: Schema.Boolean })
type Measured = typeof Measured.Type

const placeOf = (run: PlannedRun) => runFolder(`${flags.out}/${run.folder}`)

/** So few that the Parzen window, which the table does not show, costs no time. */
const parzenImages = 10

/** A run's measures after the epochs asked for, or `undefined` if it has not come so far. */
const measure = Effect.fnUntraced(function* <E, R>(
  run: PlannedRun,
  reference: Effect.Effect<EvaluationReference, E, R>,
  samples: number
) {
  const place = placeOf(run)
  const generator = yield* generatorAfter(place, run, epochs)
  if (generator === undefined) return undefined
  return yield* cached(
    `${place.folder}/evaluation/epoch-${epochs}.json`,
    { schema: Measured, key: { library: libraryVersion, milestone: generator.createdAt, samples } },
    Effect.gen(function* () {
      const against = yield* reference
      const images = yield* generator.samples(samples)
      const real = firstImages(against.test, against.test.count)
      return {
        measures: yield* measureAgainst(
          against,
          images,
          subsample(images, parzenImages, pairKey(against.seed, "parzen"))
        ),
        collapsed: yield* Effect.fromResult(collapsed(images, real))
      }
    })
  )
})

/** What of the measures stands in the table besides the distance. */
const columns: ReadonlyArray<readonly [title: string, of: (one: SampleMeasures) => number]> = [
  ["legible", (m) => m.legible ?? Number.NaN],
  ["precision", (m) => m.precision],
  ["recall", (m) => m.recall],
  ["coverage", (m) => m.coverage],
  ["class entropy", (m) => m.classEntropy],
  ["greyness", (m) => m.greyness.value],
  ["speckle", (m) => m.speckle?.value ?? Number.NaN]
]

/** The table's rows: each variant's mean over seeds, and its Frechet distance with each of them. */
const rowOf = (name: string, found: ReadonlyArray<Measured>): string => {
  const mean = (of: (one: SampleMeasures) => number): number =>
    found.reduce((total, { measures }) => total + of(measures), 0) / found.length
  const distances = found.map(({ measures }) => measures.frechetDistance.toFixed(1)).join(", ")
  const cells = [
    name,
    `${mean((m) => m.frechetDistance).toFixed(1)} (${distances})`,
    ...columns.map(([, of]) => mean(of).toFixed(2)),
    `${found.filter((one) => one.collapsed).length} of ${found.length}`
  ]
  return `| ${cells.join(" | ")} |`
}

const bench = Effect.gen(function* () {
  const json: unknown = JSON.parse(yield* Effect.promise(() => readFile(flags.plan, "utf8")))
  const plan = yield* Effect.fromResult(decodePlan(json))
  const changes = {
    training: { epochs, shards },
    reporting: { milestoneEpochs: [...new Set([...usualMilestones, epochs])] }
  }
  const runs = yield* Effect.fromResult(plannedRuns(plan, { replicas: seeds, changes }))
  const names = [...new Set(runs.map(({ experiment }) => experiment))]
  const only = flags.only?.split(",") ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined) throw new RangeError(`--only: the plan has no "${unknown}", but ${names.join(", ")}`)
  const wanted = runs.filter(({ experiment }) => only.includes(experiment))
  const [first] = wanted
  if (first === undefined) return

  yield* Effect.gen(function* () {
    if (!flags.table) yield* Effect.forEach(wanted, (run) => trainIn(placeOf(run), run))
    const reference = yield* Effect.cached(Effect.flatMap(openClassifier(), (classifier) => openReference(classifier)))
    const measured = yield* Effect.forEach(wanted, (run) =>
      Effect.map(measure(run, reference, plan.evaluation.courseSamples), (result) => ({ run, result }))
    )
    yield* Console.log(
      [
        `After ${epochs} epochs, ${plan.evaluation.courseSamples} samples; mean over seeds (and each seed's distance)`,
        "",
        `| variant | Frechet | ${columns.map(([title]) => title).join(" | ")} | collapsed |`,
        `${"|---".repeat(columns.length + 3)}|`,
        ...only.flatMap((name) => {
          const found = measured.flatMap(({ run, result }) =>
            run.experiment === name && result !== undefined ? [result] : []
          )
          return found.length === 0 ? [] : [rowOf(name, found)]
        })
      ].join("\n")
    )
  }).pipe(
    Effect.provide(
      Layer.merge(
        workshopLayer(first.settings.dataset, layerOnnxRuntime),
        classifierLayer(flags.classifier, { quiet: false })
      )
    )
  )
}).pipe(Effect.provide(NodeServices.layer))

NodeRuntime.runMain(bench)
