import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { writeFiltersOf } from "../../domain/model/modelOf.ts"
import { own } from "../../domain/record/own.ts"
import { type FigureKind, paperNames } from "./figureNames.ts"

/** A file that a finished run leaves in its folder of figures. */
export interface RunFigure {
  /** The file's name without its ending; no two of a run are alike. */
  readonly name: string
  readonly file: string
  readonly caption: string
}

/** By experiment. */
const sheetCaptions: Readonly<Record<string, string>> = {
  paper: "100 samples of the proposed model.",
  baseline: "100 samples of the baseline, Goodfellow's GAN.",
  "four-filters": "100 samples of the model with 4 x 4 filters.",
  "zero-canvas": "100 samples of the model whose canvas begins at zero.",
  modern: "100 samples of the modern preset."
}

const captions = {
  trainingImages: "The first 100 training images.",
  steps:
    "The first ten samples, drawn step by step from the learned canvas on. The red square is the window of each step.",
  randomAndFixedLatents: "Above, the latents of all steps are random, as in training; below, they are all zero.",
  singleLatents:
    "In each row only the latent of the step named at its left is random; those of all other steps are zero.",
  wildLatents: "The latent of the first, the middle or the last step has a standard deviation of 10,000 instead of 1."
} satisfies Partial<Record<FigureKind, string>>

const reconstructions: RunFigure = {
  name: "reconstructions",
  file: "reconstructions.png",
  caption: "Test images, binarised, and below what the model draws from the latents that it infers of them."
}

/** What a run of these settings leaves in its folder of figures at the end of a reproduction, in the order of the paper. */
export const runFigures = (settings: ExperimentSettings): ReadonlyArray<RunFigure> => {
  const names = paperNames(settings)
  const still = (name: string, caption: string): RunFigure => ({ name, file: `${name}.png`, caption })
  const image = (kind: keyof typeof captions): RunFigure => still(names[kind].file, captions[kind])
  const [sheet, steps] = [names.samples.file, names.steps.file]
  const animation: RunFigure = {
    name: `${steps}-animation`,
    file: `${steps}.webp`,
    caption: "The first ten samples, drawn window by window."
  }
  return [
    image("trainingImages"),
    still(sheet, own(sheetCaptions, settings.name) ?? `100 samples of the experiment "${settings.name}".`),
    ...(settings.training.objective === "variational" ? [reconstructions] : []),
    ...(writeFiltersOf(settings.model) === undefined ? [] : [image("steps"), animation]),
    ...(settings.model.kind === "attention-gan"
      ? [image("randomAndFixedLatents"), image("singleLatents"), image("wildLatents")]
      : [])
  ]
}
