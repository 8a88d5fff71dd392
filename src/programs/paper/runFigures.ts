import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import { own } from "../../domain/record/own.ts"
import { sheetName } from "./paperFigures.ts"

/** A file that a finished run leaves in its folder of figures. */
export interface RunFigure {
  /** The file's name without its ending; no two of a run are alike. */
  readonly name: string
  readonly file: string
  readonly caption: string
}

const sheetCaptions: Readonly<Record<string, string>> = {
  "figure-4": "100 samples of the proposed model.",
  "figure-5": "100 samples of the baseline, Goodfellow's GAN.",
  "figure-7": "100 samples of the model with 4 x 4 filters."
}

/** Of models that write through windows. */
const ofWindows: ReadonlyArray<RunFigure> = [
  {
    name: "figure-6",
    file: "figure-6.png",
    caption:
      "The first ten samples, drawn step by step from the learned canvas on. The red square is the window of each step."
  },
  {
    name: "figure-6-animation",
    file: "figure-6.webp",
    caption: "The first ten samples, drawn window by window."
  }
]

/** Of the attention GAN: the probes of its latents. */
const ofProbes: ReadonlyArray<RunFigure> = [
  {
    name: "figure-8",
    file: "figure-8.png",
    caption: "Above, the latents of all steps are random, as in training; below, they are all zero."
  },
  {
    name: "figure-9",
    file: "figure-9.png",
    caption: "In each row only the latent of the step named at its left is random; those of all other steps are zero."
  },
  {
    name: "figure-10",
    file: "figure-10.png",
    caption: "The latent of the first, the middle or the last step has a standard deviation of 10,000 instead of 1."
  }
]

const reconstructions: RunFigure = {
  name: "reconstructions",
  file: "reconstructions.png",
  caption: "Test images, binarised, and below what the model draws from the latents that it infers of them."
}

/** What a run of these settings leaves in its folder of figures at its end, in the order of the paper. */
export const runFigures = (settings: ExperimentSettings): ReadonlyArray<RunFigure> => {
  const sheet = sheetName(settings)
  const caption = own(sheetCaptions, sheet) ?? `100 samples of the experiment "${settings.name}".`
  return [
    { name: "figure-3", file: "figure-3.png", caption: "The first 100 training images." },
    { name: sheet, file: `${sheet}.png`, caption },
    ...(settings.training.objective === "variational" ? [reconstructions] : []),
    ...(writeFiltersOf(settings.model) === undefined ? [] : ofWindows),
    ...(settings.model.kind === "attention-gan" ? ofProbes : [])
  ]
}
