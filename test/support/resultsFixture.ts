import * as Result from "effect/Result"
import { type PresetName, settingsFrom, settingsJson } from "../../src/domain/experiment/presets.ts"
import type { HistoryMeasures, SampleMeasures } from "../../src/domain/metrics/SampleMeasures.ts"
import type { ClaimResult, ExperimentResult, ReportFigure, Results } from "../../src/domain/paper/report/Results.ts"

/** Made-up measures of images that are so good: 1 as real ones, 0 as noise. */
export const measuresOf = (goodness: number, changes: Partial<SampleMeasures> = {}): SampleMeasures => {
  const bad = 1 - goodness
  const shares = Array.from({ length: 10 }, (_, i) => Math.max(0.02, 1 + 2.2 * bad * Math.sin(1.7 * i + 0.6) ** 3))
  const sum = shares.reduce((total, share) => total + share, 0)
  const classHistogram = shares.map((share) => share / sum)
  return {
    count: 10_000,
    frechetDistance: 1.137 + 620 * bad ** 2,
    kernelDistance: { value: 0.00013 + 2.4 * bad ** 2, standardError: 0.00021 + 0.03 * bad ** 2 },
    precision: 0.981 - 0.9 * bad,
    recall: 0.979 - 0.95 * bad,
    density: 1.004 - 0.93 * bad,
    coverage: 0.967 - 0.94 * bad,
    inceptionScore: { value: 9.842 - 7.6 * bad, standardError: 0.018 + 0.05 * bad },
    classHistogram,
    classEntropy: -classHistogram.reduce((total, share) => total + share * Math.log(share), 0),
    classDistance: 0.5 * classHistogram.reduce((total, share) => total + Math.abs(share - 0.1), 0),
    confidence: { value: 0.9931 - 0.45 * bad, standardError: 0.0006 + 0.002 * bad },
    sharpness: { value: 1 - 0.31 * bad, standardError: 0.0041 },
    greyness: { value: 1 + 0.4 * bad, standardError: 0.0032 },
    speckle: { value: 1 + 2 * bad, standardError: 0.02 },
    memorisation: { ratio: 1 + 0.4 * bad, nearerThanTest: 0.5 - 0.42 * bad },
    parzen: { logLikelihood: 236.4 - 210 * bad, standardError: 1.93, width: 0.2154 },
    ...changes
  }
}

/** The cheap part of the measures, as it is followed over the epochs. */
export const courseMeasuresOf = (goodness: number): HistoryMeasures => {
  const { frechetDistance, classEntropy, confidence, coverage, precision, sharpness } = measuresOf(goodness)
  return {
    count: 2000,
    frechetDistance,
    classEntropy,
    confidence: confidence.value,
    coverage,
    precision,
    sharpness: sharpness.value
  }
}

/** An experiment that has got better all the way to `goodness`, in 500 updates an epoch. */
export const experimentOf = (
  name: PresetName,
  goodness: number,
  changes: Partial<ExperimentResult> = {}
): ExperimentResult => {
  const settings = Result.getOrThrow(settingsFrom(name))
  const { epochs } = settings.training
  const milestones = [...(settings.reporting.milestoneEpochs ?? []), epochs]
  return {
    name,
    seed: 0,
    settings: settingsJson(settings),
    updates: 500 * epochs,
    totalUpdates: 500 * epochs,
    epochs,
    metrics: { discriminatorLoss: 0.7412, generatorLoss: 1.963, realAccuracy: 0.8214, generatedAccuracy: 0.8329 },
    collapsed: false,
    measures: measuresOf(goodness),
    course: milestones.map((epoch) => ({
      epoch,
      update: 500 * epoch,
      measures: courseMeasuresOf(goodness * (1 - Math.exp((-4 * epoch) / epochs)) + 0.015 * Math.sin(3 * epoch))
    })),
    figures: [],
    ...changes
  }
}

/** Made-up claims C1-C6, of every verdict. */
export const claimsFixture: ReadonlyArray<ClaimResult> = [
  {
    id: "C1",
    statement: "The baseline’s samples are partly blurred, those of the proposed model hardly.",
    verdict: "holds",
    reason:
      "Holds where the proposed model’s relative sharpness is above the baseline’s by more than two standard errors and within a tenth of real digits: 0.963 against 0.782. One seed proves little.",
    measures: [
      { name: "sharpness relative to real digits, proposed model", value: 0.9631, standardError: 0.0041 },
      { name: "sharpness relative to real digits, baseline", value: 0.7824, standardError: 0.0039 }
    ]
  },
  {
    id: "C2",
    statement: "Images are built step by step: early steps give the rough whole, later ones detail.",
    verdict: "holds",
    reason: "The coarse bands’ energy comes 0.83 steps before that of the fine bands, 41 standard errors from zero.",
    measures: [
      { name: "mean step of coarse changes", value: 1.94, standardError: 0.012 },
      { name: "mean step of fine changes", value: 2.77, standardError: 0.016 }
    ]
  },
  {
    id: "C3",
    statement: "4 × 4 filters give more kinds of digits, but more distorted shapes.",
    verdict: "does not hold",
    reason: "Confidence is lower, as claimed, but the class entropy is lower as well.",
    measures: [
      { name: "class entropy, 4 × 4 (nats)", value: 1.873 },
      { name: "class entropy, 5 × 5 (nats)", value: 2.034 },
      { name: "confidence, 4 × 4", value: 0.871, standardError: 0.0021 },
      { name: "confidence, 5 × 5", value: 0.931, standardError: 0.0016 }
    ]
  },
  {
    id: "C4",
    statement: "The z of early steps (t < 3) decide the image; later ones hardly matter.",
    verdict: "holds",
    reason: "Without z₃ to z₆ at most 0.042 of the variance is lost; the rule asks for less than 0.1.",
    measures: [0.8412, 0.1123, 0.0213, 0.0081, 0.0064, 0.0032].map((value, i) => ({
      name: `total share of z${"₁₂₃₄₅₆"[i] ?? ""}`,
      value,
      standardError: 0.004
    }))
  },
  {
    id: "C5",
    statement: "A wild z₁ or z₃ ruins the shape, a wild z₆ mostly leaves it.",
    verdict: "holds",
    reason:
      "A wild z₆ moves an image by a fifth of the distance between unrelated samples, z₁ and z₃ by more than 0.8.",
    measures: [
      { name: "relative distance, wild z₁", value: 0.981, standardError: 0.011 },
      { name: "relative distance, wild z₃", value: 0.834, standardError: 0.014 },
      { name: "relative distance, wild z₆", value: 0.204, standardError: 0.007 }
    ]
  },
  {
    id: "C6",
    statement: "Starting the canvas from the pixel marginals makes learning faster and more stable.",
    verdict: "unclear",
    reason: "The run without it collapsed, but one seed cannot tell a rule from an accident.",
    measures: [
      { name: "Fréchet distance at the end, with marginals", value: 31.2, spread: 8.4 },
      { name: "Fréchet distance at the end, without", value: 489.6, spread: 131 }
    ]
  }
]

/** Plausible results of a whole reproduction; none of the numbers were measured. */
export const resultsFixture = (changes: Partial<Results> = {}): Results => ({
  format: "fovea-results",
  version: 1,
  name: "full",
  createdAt: "2026-11-23T22:23:52.973Z",
  library: { name: "fovea", version: "0.1.0" },
  machine: { processor: "AMD EPYC 7763 64-Core Processor", cores: 2, memoryGiB: 24 },
  dataset: {
    name: "MNIST",
    digests: {
      "train-images": "9a1f6ce3a8a6b5f1c3f9aa6e0d4d6b2f7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3",
      "train-labels": "0b2c4d6e8f1a3b5c7d9e0f2a4b6c8d0e1f3a5b7c9d1e2f4a6b8c0d2e3f5a7b9c"
    }
  },
  classifier: { epochs: 6, testAccuracy: 0.9921 },
  references: {
    testImages: measuresOf(1),
    noise: measuresOf(0, {
      sharpness: { value: 4.118, standardError: 0.0011 },
      parzen: { logLikelihood: -2310, standardError: 3.1, width: 1 }
    }),
    meanImage: measuresOf(0.02, { recall: 0, coverage: 0.0005, sharpness: { value: 0.214, standardError: 0 } })
  },
  experiments: [
    experimentOf("paper", 0.86),
    experimentOf("baseline", 0.78),
    experimentOf("four-filters", 0.81),
    experimentOf("zero-canvas", 0.09, { collapsed: true })
  ],
  claims: claimsFixture,
  missing: [],
  ...changes
})

/** Figures of an experiment by their paths, with a made-up caption each. */
export const figuresOf = (paths: ReadonlyArray<string>): ReadonlyArray<ReportFigure> =>
  paths.map((path) => {
    const name = path.replace(/^.*\//, "").replace(/\.\w+$/, "")
    return { name, path, caption: `What ${name} shows, after the last update.` }
  })

/** The made-up results of six systems, with a sheet of samples of each. */
export const systemsFixture = (sheet: string): Pick<Results, "experiments" | "systems" | "claims"> => ({
  experiments: (["vae", "draw", "baseline", "dcgan", "paper", "modern"] as const).map((name) =>
    experimentOf(name, 0.7, {
      figures: [{ name: "samples", path: sheet, caption: "100 samples." }],
      cost: { parameters: 1_234_567, gigaflop: 12.34, milliseconds: 45.6 }
    })
  ),
  claims: claimsFixture.slice(0, 2),
  systems: claimsFixture.slice(2, 4).map((claim, index) => ({ ...claim, id: `S${index + 1}` }))
})
