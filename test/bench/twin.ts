/**
 * Fovea's trainings of the preset `paper` beside those of a twin in JAX (`peers/twin.py`), over the same seeds and epochs:
 * `FOVEA_PYTHON=PYTHON node test/bench/twin.ts [--seeds 0,1,2] [--epochs 12] [--out runs/twin] [--runs FOLDER] [--samples 2000] [--shards N]
 * [--classifier runs/classifier] [--table]`.
 *
 * The twin computes what Fovea computes and shares no number with it: a seed names other first parameters, images and latents there. So single
 * trainings do not compare, but their distributions over seeds must. Each training has a folder, `OUT/twin/seed-0` and `OUT/fovea/seed-0`; what is
 * there is gone on with, so the bench may be stopped anywhere and started again with more seeds or later epochs. `--epochs 5,12,49` measures after
 * each of them. `--runs runs/reproduction/paper` takes Fovea's trainings from a folder with `seed-0`, .., as they are, which must clip gradients as
 * the twin does (the preset has since 30 November 2026); `--table` trains nothing.
 *
 * The twin's samples are `OUT/twin/seed-0/epoch-12.npy`, which `fovea evaluate --samples` takes as well. Its trainings need JAX and NumPy.
 */
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { decodeNpy } from "../../src/domain/data/npy.ts"
import { npyImages } from "../../src/domain/data/npyImages.ts"
import { collapsed } from "../../src/domain/metrics/collapse.ts"
import { SampleMeasures } from "../../src/domain/metrics/SampleMeasures.ts"
import { decodePlan, plannedRuns } from "../../src/domain/paper/plan/ReproductionPlan.ts"
import type { TensorData } from "../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { sha256 } from "../../src/layers/file/sha256.ts"
import { runFolder } from "../../src/programs/checkpoint/RunFolder.ts"
import { openClassifier } from "../../src/programs/classifier/openClassifier.ts"
import { classifierLayer, workshopLayer } from "../../src/programs/cli/layers.ts"
import {
  type EvaluationReference,
  firstImages,
  openReference
} from "../../src/programs/evaluation/EvaluationReference.ts"
import { measureSamples } from "../../src/programs/evaluation/measureImages.ts"
import { libraryVersion } from "../../src/programs/libraryVersion.ts"
import { cached } from "../../src/programs/paper/cached.ts"
import { missingFor } from "./contestants/startPython.ts"
import { summarise } from "./harness.ts"
import { trainTwin } from "./peers/twinWork.ts"
import { generatorAfter, trainIn, usualMilestones } from "./plannedRuns.ts"

const { values: flags } = parseArgs({
  options: {
    seeds: { type: "string", default: "0,1,2" },
    epochs: { type: "string", default: "12" },
    out: { type: "string", default: "runs/twin" },
    runs: { type: "string" },
    samples: { type: "string", default: "2000" },
    shards: { type: "string" },
    classifier: { type: "string", default: "runs/classifier" },
    table: { type: "boolean", default: false }
  }
})

const wholeNumbers = (name: string, text: string, least: number): ReadonlyArray<number> =>
  text.split(",").map((part) => {
    const value = Number(part)
    if (part.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value
    throw new RangeError(`--${name} must be whole numbers from ${least} on, with commas between them, not "${text}"`)
  })
const seeds = wholeNumbers("seeds", flags.seeds, 0)
const epochs = wholeNumbers("epochs", flags.epochs, 1)
const [samples = 2000] = wholeNumbers("samples", flags.samples, 6)
const [shards] = flags.shards === undefined ? [] : wholeNumbers("shards", flags.shards, 1)

const Measured = Schema.Struct({ measures: SampleMeasures, collapsed: Schema.Boolean })
type Measured = typeof Measured.Type

/** What is measured, in the order of the table's rows. */
const rows: ReadonlyArray<readonly [name: string, decimals: number, of: (measures: SampleMeasures) => number]> = [
  ["Fréchet distance", 1, (m) => m.frechetDistance],
  ["kernel distance", 2, (m) => m.kernelDistance.value],
  ["class entropy (nats)", 2, (m) => m.classEntropy],
  ["confidence", 3, (m) => m.confidence.value],
  ["precision", 2, (m) => m.precision],
  ["recall", 2, (m) => m.recall],
  ["coverage", 2, (m) => m.coverage]
]

const twinFolder = (seed: number) => `${flags.out}/twin/seed-${seed}`
const ownPlace = (seed: number) => runFolder(`${flags.runs ?? `${flags.out}/fovea`}/seed-${seed}`)

/** Fovea's trainings of all seeds, as a reproduction plans them. */
const planned = Effect.gen(function* () {
  const plan = yield* Effect.fromResult(
    decodePlan({
      name: "twin",
      experiments: [{ preset: "paper" }],
      evaluation: { samples, courseSamples: samples, probeRows: 2 }
    })
  )
  const last = Math.max(...epochs)
  const changes = {
    training: { epochs: last, ...(shards !== undefined && { shards }) },
    reporting: { milestoneEpochs: [...new Set([...usualMilestones.filter((one) => one <= last), ...epochs])] }
  }
  return yield* Effect.forEach(seeds, (seed) => Effect.fromResult(plannedRuns(plan, { seed, replicas: 1, changes })))
}).pipe(Effect.map((runs) => runs.flat()))

const measure = Effect.fnUntraced(function* <E, R, E2, R2>(
  place: string,
  key: string,
  reference: Effect.Effect<EvaluationReference, E, R>,
  images: Effect.Effect<TensorData, E2, R2>
) {
  return yield* cached(
    place,
    { schema: Measured, key: { library: libraryVersion, made: key, samples } },
    Effect.gen(function* () {
      const against = yield* reference
      const drawn = yield* images
      const real = firstImages(against.test, against.test.count)
      return {
        measures: yield* measureSamples(against, drawn),
        collapsed: yield* Effect.fromResult(collapsed(drawn, real))
      }
    })
  )
})

/** The twin's samples after some epochs, measured; `undefined` where there are none. */
const measureTwin = Effect.fnUntraced(function* <E, R>(
  seed: number,
  epoch: number,
  reference: Effect.Effect<EvaluationReference, E, R>
) {
  const path = `${twinFolder(seed)}/epoch-${epoch}.npy`
  if (!existsSync(path)) return undefined
  const bytes = yield* Effect.promise(() => readFile(path))
  const images = Effect.flatMap(reference, ({ training }) =>
    Effect.flatMap(Effect.fromResult(decodeNpy(bytes)), (array) => Effect.fromResult(npyImages(array, training)))
  )
  return yield* measure(`${twinFolder(seed)}/evaluation/epoch-${epoch}.json`, sha256(bytes), reference, images)
})

const range = (values: ReadonlyArray<number>, decimals: number): string => {
  const { median, least } = summarise(values)
  if (values.length < 2) return median.toFixed(decimals)
  return `${median.toFixed(decimals)} (${least.toFixed(decimals)} to ${Math.max(...values).toFixed(decimals)})`
}

const tableOf = (epoch: number, fovea: ReadonlyArray<Measured>, twin: ReadonlyArray<Measured>): string => {
  const cells = (found: ReadonlyArray<Measured>, text: (found: ReadonlyArray<Measured>) => string) =>
    found.length === 0 ? "-" : text(found)
  const line = (name: string, text: (found: ReadonlyArray<Measured>) => string) =>
    `| ${name} | ${cells(fovea, text)} | ${cells(twin, text)} |`
  return [
    `After ${epoch} epochs, ${samples} samples each; median over seeds (least to greatest)`,
    "",
    "| | Fovea | twin in JAX |",
    "|---|---|---|",
    line("seeds", (found) => String(found.length)),
    ...rows.map(([name, decimals, of]) =>
      line(name, (found) =>
        range(
          found.map(({ measures }) => of(measures)),
          decimals
        )
      )
    ),
    line("collapsed", (found) => `${found.filter((one) => one.collapsed).length} of ${found.length}`),
    ""
  ].join("\n")
}

const bench = Effect.gen(function* () {
  const runs = yield* planned
  const [first] = runs
  const missing = missingFor("jax")
  if (first === undefined) return
  if (!flags.table && missing !== undefined)
    return yield* Effect.die(new Error(`the twin cannot be trained: ${missing}`))
  yield* Effect.gen(function* () {
    // One of each kind at a time, so that what is there after a while compares.
    for (const run of flags.table ? [] : runs) {
      yield* trainTwin(twinFolder(run.seed), run.seed, { epochs, samples })
      if (flags.runs === undefined) yield* trainIn(ownPlace(run.seed), run)
    }
    const reference = yield* Effect.cached(Effect.flatMap(openClassifier(), (classifier) => openReference(classifier)))
    for (const epoch of epochs) {
      const fovea = yield* Effect.forEach(runs, (run) =>
        Effect.gen(function* () {
          const place = ownPlace(run.seed)
          const generator = existsSync(place.folder) ? yield* generatorAfter(place, run, epoch) : undefined
          if (generator === undefined) return yield* Effect.as(said(place.folder, epoch), undefined)
          const kept = `${flags.out}/fovea/evaluation/seed-${run.seed}-epoch-${epoch}.json`
          return yield* measure(kept, generator.createdAt, reference, generator.samples(samples))
        })
      )
      const twin = yield* Effect.forEach(runs, ({ seed }) =>
        Effect.tap(measureTwin(seed, epoch, reference), (found) =>
          found === undefined ? said(twinFolder(seed), epoch) : Effect.void
        )
      )
      const present = (found: ReadonlyArray<Measured | undefined>) => found.flatMap((one) => one ?? [])
      yield* Console.log(tableOf(epoch, present(fovea), present(twin)))
    }
  }).pipe(
    Effect.provide(
      Layer.merge(
        workshopLayer(first.settings.dataset, layerOnnxRuntime),
        classifierLayer(flags.classifier, { quiet: false })
      )
    )
  )
}).pipe(Effect.provide(NodeServices.layer))

const said = (folder: string, epoch: number) => Console.error(`${folder} has nothing after epoch ${epoch}`)

NodeRuntime.runMain(bench)
