import type { ClaimResult } from "../report/Results.ts"
import { claimResult } from "./claimResult.ts"
import { compare, estimateOf, measuresOf, type NumberOf } from "./comparison.ts"
import type { Criterion } from "./criterion.ts"
import { type Evidence, type Evident, evidentOf } from "./evidence.ts"
import { type Judgement, seedBySeed } from "./seedBySeed.ts"

const sharpness: NumberOf = ({ measures }) => measures.sharpness
const greyness: NumberOf = ({ measures }) => measures.greyness
const speckle: NumberOf = ({ measures }) => measures.speckle
const confidence: NumberOf = ({ measures }) => measures.confidence
const frechet: NumberOf = ({ measures }) => ({ value: measures.frechetDistance })

/** A criterion of one number of one system; none where there is no such number. */
type Bounds = Pick<Criterion, "meaning" | "wanted" | "holds" | "fails">
const criterion = (system: Evident, what: string, number: NumberOf, bounds: Bounds): ReadonlyArray<Criterion> => {
  const estimate = estimateOf(system, number)
  return estimate === undefined ? [] : [{ what, estimate, ...bounds }]
}

// All relative to real digits, which are at 1. The bounds on blur are those of claim C1.
const hardlyBlurred = (system: Evident, name: string) => [
  ...criterion(system, `${name}'s sharpness`, sharpness, {
    meaning: `${name}'s edges are about as sharp as real ones`,
    wanted: "high",
    holds: 0.9,
    fails: 0.8
  }),
  ...criterion(system, `${name}'s greyness`, greyness, {
    meaning: `${name}'s ink is hardly greyer than real`,
    wanted: "low",
    holds: 1.1,
    fails: 1.2
  })
]
const blurred = (system: Evident, name: string) => [
  ...criterion(system, `${name}'s sharpness`, sharpness, {
    meaning: `${name}'s edges are softer than real ones`,
    wanted: "low",
    holds: 0.95,
    fails: 1
  }),
  ...criterion(system, `${name}'s greyness`, greyness, {
    meaning: `${name}'s ink is greyer than real`,
    wanted: "high",
    holds: 1.05,
    fails: 1
  })
]

/** Real digits are at 0.99: a model whose classifier doubts four times as much draws shapes that are no digits' own. */
const distorted: Bounds = {
  meaning: "the classifier is less sure of the baseline's samples than of real digits",
  wanted: "low",
  holds: 0.97,
  fails: 0.985
}

interface Statement {
  readonly id: string
  readonly statement: string
  readonly rule: string
  /** Experiments that it is about, and what they are called in the reasons. */
  readonly about: Readonly<Record<string, string>>
  readonly criteria: (of: (name: string) => Evident) => ReadonlyArray<Criterion>
  readonly numbers: Readonly<Record<string, NumberOf>>
}

const blur = { "sharpness relative to real digits": sharpness, "greyness relative to real digits": greyness }
const noise = { "speckle relative to real digits": speckle }

const statements: ReadonlyArray<Statement> = [
  {
    id: "S1",
    statement: "The VAE's error is one of single pixels, so its images are greatly blurred.",
    rule: "Holds if the VAE's edges are a fifth softer than those of real digits, and a fifth more of its ink is grey.",
    about: { vae: "VAE" },
    criteria: (of) => [
      ...criterion(of("vae"), "the VAE's sharpness", sharpness, {
        meaning: "the VAE's edges are far softer than real ones",
        wanted: "low",
        holds: 0.8,
        fails: 0.9
      }),
      ...criterion(of("vae"), "the VAE's greyness", greyness, {
        meaning: "the VAE's ink is far greyer than real",
        wanted: "high",
        holds: 1.2,
        fails: 1.1
      })
    ],
    numbers: blur
  },
  {
    id: "S2",
    statement: "DRAW's images hold together, since it draws part by part, but being a VAE's they are still blurred.",
    rule: "Holds if DRAW's edges are softer than those of real digits, and more of its ink is grey.",
    about: { draw: "DRAW" },
    criteria: (of) => blurred(of("draw"), "DRAW"),
    numbers: { ...blur, confidence }
  },
  {
    id: "S3",
    statement: "Images of adversarial nets are not blurred any more.",
    rule: "Holds if the edges of both nets' samples are about as sharp as those of real digits, and hardly more of their ink is grey.",
    about: { baseline: "baseline", dcgan: "DCGAN" },
    criteria: (of) => [...hardlyBlurred(of("baseline"), "the baseline"), ...hardlyBlurred(of("dcgan"), "the DCGAN")],
    numbers: blur
  },
  {
    id: "S4",
    statement: "The DCGAN above all has had great success.",
    rule: "Holds if the DCGAN's samples have a lower Frechet distance than the plain net's.",
    about: { dcgan: "DCGAN", baseline: "baseline" },
    criteria: (of) => {
      const found = compare(of("dcgan"), of("baseline"), frechet)
      const what = "the DCGAN's Frechet distance minus the baseline's"
      const meaning = "the DCGAN's samples are nearer to real digits than the baseline's"
      return found === undefined
        ? []
        : [{ what, meaning, estimate: found.difference, wanted: "low", holds: 0, fails: 0 }]
    },
    numbers: { "Frechet distance": frechet }
  },
  {
    id: "S5",
    statement: "But adversarial nets draw noise into their images.",
    rule: "Holds if the baseline's samples have a fifth more stray dots and holes than real digits.",
    about: { baseline: "baseline" },
    criteria: (of) =>
      criterion(of("baseline"), "the baseline's speckle", speckle, {
        meaning: "the baseline scatters more dots and holes than real digits have",
        wanted: "high",
        holds: 1.2,
        fails: 1.1
      }),
    numbers: noise
  },
  {
    id: "S6",
    statement: "And they draw things of a distorted structure.",
    rule: "Holds if the classifier is clearly less sure of the baseline's samples than of real digits: below 0.97, where these are at 0.99.",
    about: { baseline: "baseline" },
    criteria: (of) =>
      criterion(of("baseline"), "the classifier's confidence in the baseline's samples", confidence, distorted),
    numbers: { confidence }
  },
  {
    id: "S7",
    statement: "With attention, an adversarial net draws neither blur nor noise.",
    rule: "Holds if the proposed model's edges are about as sharp as those of real digits, hardly more of its ink is grey, and it has hardly more stray dots.",
    about: { paper: "proposed model" },
    criteria: (of) => [
      ...hardlyBlurred(of("paper"), "the proposed model"),
      ...criterion(of("paper"), "the proposed model's speckle", speckle, {
        meaning: "the proposed model scatters hardly more dots and holes than real digits have",
        wanted: "low",
        holds: 1.1,
        fails: 1.2
      })
    ],
    numbers: { ...blur, ...noise }
  }
]

/**
 * What the paper's introduction (section 1) says of the systems that it stands on, in its order, each judged by the measures of their samples
 * as the claims are (`Criterion`): blur by sharpness and greyness, with the bounds of claim C1 and, for "greatly blurred", beyond those that
 * break it; noise by speckle, a fifth more than real digits have; distortion by the classifier's confidence; success by the Frechet distance
 * to the plain net's. Only statements whose experiments are all among the `planned` ones. Collapsed trainings are set aside.
 */
export const judgeIntroduction = (
  experiments: ReadonlyArray<Evidence>,
  planned: ReadonlyArray<string>
): ReadonlyArray<ClaimResult> => {
  return statements
    .filter(({ about }) => Object.keys(about).every((name) => planned.includes(name)))
    .map((statement) => seedBySeed(judgeStatement(statement), Object.keys(statement.about))(experiments))
}

const judgeStatement =
  ({ id, statement, rule, about, criteria, numbers }: Statement): Judgement =>
  (experiments) => {
    const of = (name: string) => evidentOf(experiments, name, { collapsed: "set aside" })
    const named = Object.fromEntries(Object.entries(about).map(([name, title]) => [title, of(name)]))
    const complete = Object.values(named).every(({ usable }) => usable.length > 0)
    return claimResult({ id, statement, rule }, Object.values(named), {
      criteria: complete ? criteria(of) : [],
      measures: Object.entries(numbers).flatMap(([name, number]) => measuresOf(name, named, number))
    })
  }
