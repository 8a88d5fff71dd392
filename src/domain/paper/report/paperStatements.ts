/** A figure of the paper: what it is there, and what the paper says of it. */
export interface PaperFigure {
  /** Its number in the paper. */
  readonly number: number
  readonly title: string
  /** What the paper says (section 3), in our words. */
  readonly statement: string
  /** The claims that rest on it: `C1`. */
  readonly claims: ReadonlyArray<string>
  /** The experiment that the paper made it with; `undefined` where any will do. */
  readonly experiment: string | undefined
}

/** Figures 3 to 10 of the paper (Kataoka, Matsubara and Uehara), in its order. */
export const paperFigures: ReadonlyArray<PaperFigure> = [
  {
    number: 3,
    title: "Training images",
    statement:
      "100 images of MNIST: grey, 28 × 28 pixels, one handwritten digit each. They are what generated images are to be taken for.",
    claims: [],
    experiment: undefined
  },
  {
    number: 4,
    title: "Samples of the proposed model",
    statement:
      "100 images generated with attention: 5 × 5 filters, six glimpses. Hardly any of them looks blurred, unlike those of the plain adversarial net.",
    claims: ["C1"],
    experiment: "paper"
  },
  {
    number: 5,
    title: "Samples of the baseline",
    statement: "100 images of a plain adversarial net, Goodfellow’s network. Some of the digits look partly blurred.",
    claims: ["C1"],
    experiment: "baseline"
  },
  {
    number: 6,
    title: "Images step by step",
    statement:
      "How the ten images in the top row of figure 4 come about. The red frame is where the model attends: its centre, its extent, and, as the width of the line, its blur. Parts are written into the image before, step by step, until the whole is there.",
    claims: ["C2"],
    experiment: "paper"
  },
  {
    number: 7,
    title: "Samples with 4 × 4 filters",
    statement:
      "With fewer filters there are somewhat more kinds of digits than in figure 4, but distorted ones come more easily. Many filters help to keep a digit’s shape, few to tell digits apart.",
    claims: ["C3"],
    experiment: "four-filters"
  },
  {
    number: 8,
    title: "Random and fixed latents",
    statement:
      "Above, every z is drawn from the standard normal distribution; below, every z is zero. What differs between the images comes from z alone.",
    claims: ["C4"],
    experiment: "paper"
  },
  {
    number: 9,
    title: "One random latent",
    statement:
      "Only one step’s z is random, that of the others is zero; a row for each step. The input of the first steps (t < 3) has a great influence and later input hardly any, perhaps because the recurrent network keeps what it was given early and uses it again and again.",
    claims: ["C4"],
    experiment: "paper"
  },
  {
    number: 10,
    title: "Latents from an unsuitable distribution",
    statement:
      "From top to bottom z₁, z₃ and z₆ have a standard deviation of 10,000. Given at the last step, such an input mostly leaves the digit’s shape as it is; given earlier it does more harm.",
    claims: ["C5"],
    experiment: "paper"
  }
]
