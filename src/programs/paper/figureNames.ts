import type { ExperimentSettings } from "../../domain/experiment/ExperimentSettings.ts"
import { own } from "../../domain/record/own.ts"

/** What a figure is called. */
export interface FigureName {
  /** Its file, without the ending. */
  readonly file: string
  /** The heading in it. */
  readonly title: string
}

/** What can be drawn of a training. */
export type FigureKind =
  | "trainingImages"
  | "samples"
  | "steps"
  | "randomAndFixedLatents"
  | "singleLatents"
  | "wildLatents"

/** What the figures of a training are called. */
export type FigureNames = (settings: ExperimentSettings) => Readonly<Record<FigureKind, FigureName>>

/** Each figure by what it is; the sheet of samples by its name in the settings, if they give one. */
export const plainNames: FigureNames = ({ reporting }) => ({
  trainingImages: { file: "training-images", title: "Training images" },
  samples: { file: reporting.sampleSheet ?? "samples", title: "Samples" },
  steps: { file: "steps", title: "Images step by step" },
  randomAndFixedLatents: { file: "random-and-fixed-latents", title: "Random and fixed latents" },
  singleLatents: { file: "single-latents", title: "One random latent" },
  wildLatents: { file: "wild-latents", title: "Latents from an unsuitable distribution" }
})

/** Which of the paper's figures shows 100 samples of an experiment. */
const sheets: Readonly<Record<string, number>> = { paper: 4, baseline: 5, "four-filters": 7 }

/**
 * In a reproduction: each figure by its number in the paper. An attention GAN by another name stands in for the paper's own;
 * samples that the paper does not show are `samples`.
 */
export const paperNames: FigureNames = (settings) => {
  const { name, model, reporting } = settings
  const plain = plainNames(settings)
  const numbered = (kind: FigureKind, number: number): FigureName => ({
    file: `figure-${number}`,
    title: `Figure ${number}: ${lowerFirst(plain[kind].title)}`
  })
  const sheet = own(sheets, name) ?? (model.kind === "attention-gan" ? 4 : undefined)
  return {
    trainingImages: numbered("trainingImages", 3),
    samples: sheet === undefined || reporting.sampleSheet !== undefined ? plain.samples : numbered("samples", sheet),
    steps: numbered("steps", 6),
    randomAndFixedLatents: numbered("randomAndFixedLatents", 8),
    singleLatents: numbered("singleLatents", 9),
    wildLatents: numbered("wildLatents", 10)
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
