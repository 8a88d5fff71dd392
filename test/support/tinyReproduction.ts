import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { syntheticImages } from "../../src/domain/data/syntheticImages.ts"
import { deepMerge } from "../../src/domain/experiment/presets.ts"
import { readResults } from "../../src/programs/paper/readResults.ts"
import { fovea } from "../programs/cli/commandLine.ts"
import { encodeIdx } from "./encodeIdx.ts"

const reporting = { logEveryUpdates: 1, checkpointEveryEpochs: 1, picturesEveryEpochs: 2, milestoneEpochs: [1] }
const training = { epochs: 2, batchSize: 10 }

/** The settings of the paper's own model, made small. */
export const attention = { model: { filters: 3, glimpses: 2, units: 6, latentSize: 3 }, training, reporting }

/** The four experiments of the paper, so small that all of them take seconds: 11 updates an epoch. */
export const tinyPlan = {
  name: "tiny",
  experiments: [
    { preset: "paper", settings: attention },
    {
      preset: "baseline",
      settings: {
        model: { latentSize: 3, generatorUnits: 6, discriminatorUnits: 4, pieces: 2 },
        training,
        reporting
      }
    },
    { preset: "four-filters", settings: deepMerge(attention, { model: { filters: 2 } }) },
    { preset: "zero-canvas", settings: attention }
  ],
  evaluation: { samples: 30, courseSamples: 20, probeRows: 8 }
}

const recurrent = { units: 6, latentSize: 3, glimpses: 2 }

/** What the paper compares with beside its own model, as small. */
export const tinySystems = {
  name: "tiny-systems",
  experiments: [
    { preset: "vae", settings: { model: { latentSize: 3, units: [6] }, training, reporting } },
    { preset: "draw", settings: { model: { ...recurrent, readFilters: 2, writeFilters: 3 }, training, reporting } },
    ...tinyPlan.experiments.slice(0, 2),
    {
      preset: "dcgan",
      settings: {
        model: { latentSize: 3, generatorChannels: [3, 2], discriminatorChannels: [2, 3] },
        training,
        reporting
      }
    },
    {
      preset: "modern",
      settings: {
        ...attention,
        model: { ...attention.model, reader: { filters: 2, glimpses: 2 } },
        training: { ...training, averageDecay: 0.5 }
      }
    }
  ],
  evaluation: tinyPlan.evaluation
}

/** Writes the plan that `command` takes. */
export const writePlan = (folder: string, fs: FileSystem.FileSystem, plan: object) =>
  Effect.orDie(fs.writeFileString(`${folder}/plan.json`, JSON.stringify(plan)))

/** IDX files of `images` + 24 made-up images of 6 rows and 5 columns (of 132, 110 are for training), and the plan. */
export const prepare = Effect.fnUntraced(function* (
  folder: string,
  fs: FileSystem.FileSystem,
  plan: object = tinyPlan,
  images = 132
) {
  yield* fs.makeDirectory(`${folder}/data`, { recursive: true })
  for (const [prefix, count] of [
    ["train", images],
    ["t10k", 24]
  ] as const) {
    const { pixels } = syntheticImages({ count, channels: 1, height: 6, width: 5, seed: 0, stream: prefix })
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
    const encoded = encodeIdx({ shape: [count, 6, 5], values: pixels })
    yield* fs.writeFile(`${folder}/data/${prefix}-images-idx3-ubyte`, encoded)
    yield* fs.writeFile(`${folder}/data/${prefix}-labels-idx1-ubyte`, encodeIdx({ shape: [count], values: labels }))
  }
  yield* writePlan(folder, fs, plan)
}, Effect.orDie)

/** A command about the plan of a folder, which puts everything into that folder. */
export const command = (name: "reproduce" | "report", folder: string, ...args: ReadonlyArray<string>) =>
  fovea(
    name,
    ...["--plan", `${folder}/plan.json`, "--dataset", `${folder}/data`, "--out", `${folder}/run`],
    ...["--classifier", `${folder}/classifier`],
    ...args
  )

/** What the report says in numbers. */
export const resultsIn = (folder: string) => readResults(`${folder}/run/report/results.json`)
