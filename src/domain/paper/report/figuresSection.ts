import type { EmbeddedImage } from "../../image/imageFile.ts"
import { type Html, html, nothing } from "../../page/html.ts"
import { formatCount, formatShare } from "../../text/numbers.ts"
import { claimAnchor, verdictBadge } from "./claimsTable.ts"
import { type ExperimentGroup, experimentGroups, shownText } from "./experimentGroup.ts"
import { type PaperFigure, paperFigures } from "./paperStatements.ts"
import type { ClaimResult, ReportFigure, Results } from "./Results.ts"

/** An image and the training that drew it. */
export interface ShownFigure {
  readonly figure: ReportFigure
  readonly group: ExperimentGroup
}

/** The images of a report: of each experiment those of one seed (`ExperimentGroup.shown`). */
export interface ShownFigures {
  /** Figure 6 as an animation, on top of the page: the best there is. */
  readonly animation: ShownFigure | undefined
  /** The paper's figures; a figure that nothing drew has no image. */
  readonly paper: ReadonlyArray<{ readonly about: PaperFigure; readonly shown: ShownFigure | undefined }>
  /** Of a report on systems: each one's sheet of samples. */
  readonly systems: ReadonlyArray<ShownFigure>
  /** Of any other with the modern preset: its samples and how they come about. */
  readonly modern: ReadonlyArray<ShownFigure>
  /** What else the experiments drew: the same figures by other experiments, and figures of their own. */
  readonly further: ReadonlyArray<ShownFigure>
}

const isAnimation = ({ name, path }: ReportFigure): boolean => /^figure-6\b/.test(name) && /\.webp$/i.test(path)

/** 100 samples: of the experiments that the paper shows, and of others. */
const sheets: ReadonlySet<string> = new Set(["figure-4", "figure-5", "figure-7", "samples"])
const isSheet = ({ name }: Pick<ReportFigure, "name">): boolean => sheets.has(name)

/** What draws best, first. */
const heroes: ReadonlyArray<string> = ["modern", "paper"]

/**
 * Which images a report shows, each once. A figure of the paper comes from the experiment that the paper made it with,
 * or else from the first one that drew it. Learning curves are left out, since the page draws them itself. A report on
 * systems shows their samples side by side instead, and says nothing of figures that none of its experiments would have drawn.
 */
export const shownFigures = ({
  experiments,
  systems: statements
}: Pick<Results, "experiments" | "systems">): ShownFigures => {
  const all = experimentGroups(experiments).flatMap((group) =>
    group.shown.figures
      .filter(({ name }) => name !== "learning-curves")
      .map((figure): ShownFigure => ({ figure, group }))
  )
  const animations = all.filter(({ figure }) => isAnimation(figure))
  const stills = all.filter(({ figure }) => !isAnimation(figure))
  const [best = animations[0]] = heroes.flatMap((name) => animations.filter(({ group }) => group.name === name))
  const systems = statements === undefined ? [] : stills.filter(({ figure }) => isSheet(figure))
  const names = new Set(experiments.map(({ name }) => name))
  const expected = ({ experiment }: PaperFigure) => experiment === undefined || names.has(experiment)
  const wanted =
    statements === undefined
      ? paperFigures
      : paperFigures.filter((about) => expected(about) && !isSheet({ name: figureAnchor(about) }))
  const paper = wanted.map((about) => {
    const drawn = stills.filter(({ figure }) => figure.name === `figure-${about.number}`)
    return { about, shown: drawn.find(({ group }) => group.name === about.experiment) ?? drawn[0] }
  })
  const modern = stills.filter(
    (one) =>
      statements === undefined &&
      one.group.name === "modern" &&
      ["figure-4", "figure-6"].includes(one.figure.name) &&
      !paper.some(({ shown }) => shown === one)
  )
  const elsewhere = [best, ...paper.map(({ shown }) => shown), ...systems, ...modern]
  const once = new Set(paperFigures.filter(({ experiment }) => experiment === undefined).map(({ number }) => number))
  const further = [...stills, ...animations].filter(
    (one) => !elsewhere.includes(one) && ![...once].some((number) => one.figure.name === `figure-${number}`)
  )
  return { animation: best, paper, systems, modern, further }
}

/** The paths of all images that a report shows, each once. */
export const shownPaths = ({ animation, paper, systems, modern, further }: ShownFigures): ReadonlyArray<string> => {
  const drawn = [animation, ...paper.map(({ shown }) => shown), ...systems, ...modern, ...further]
  return [...new Set(drawn.flatMap((one) => (one === undefined ? [] : [one.figure.path])))]
}

/** Images by the path that results name them by. */
export type ImagesByPath = ReadonlyMap<string, EmbeddedImage>

/** Anchor of a figure of the paper: `figure-4`. */
export const figureAnchor = ({ number }: PaperFigure): string => `figure-${number}`

/** Figures 3-10: image, what it shows here, what the paper says, and how the claims fared that rest on it. */
export const paperFiguresSection = (
  { paper }: ShownFigures,
  images: ImagesByPath,
  claims: ReadonlyArray<ClaimResult>
): Html =>
  html`${paper.map(
    ({ about, shown }) => html`
<figure class="plate" id="${figureAnchor(about)}">
${imageOrNotice(shown, images)}
<figcaption>
<h3>Figure ${about.number}. ${about.title}</h3>
${shown === undefined ? nothing : html`<h4>Here</h4><p>${shown.figure.caption} ${about.experiment === undefined ? nothing : html`<span class="source">${shownText(shown.group)}</span>`}</p>`}
<h4>In the paper</h4><p>${about.statement}</p>
${claimsOn(about, claims)}
</figcaption>
</figure>`
  )}`

/** Images side by side, under the name of their experiment. */
export const figureGallery = (figures: ReadonlyArray<ShownFigure>, images: ImagesByPath): Html =>
  html`<div class="gallery">${figures.map(
    (shown) => html`
<figure>
${imageOrNotice(shown, images)}
<figcaption><strong>${shown.group.title}, ${nameInWords(shown.figure)}.</strong> ${shown.figure.caption}</figcaption>
</figure>`
  )}</div>`

/** The animation, and the still figure 6 instead of it for readers who asked for less motion. */
export const animationFigure = ({ animation, paper, modern }: ShownFigures, images: ImagesByPath): Html => {
  if (animation === undefined) return nothing
  const moving = images.get(animation.figure.path)
  if (moving === undefined) return nothing
  const stills = [...modern, ...paper.flatMap(({ shown }) => shown ?? [])]
  const still = stills.find(({ figure, group }) => figure.name === "figure-6" && group.name === animation.group.name)
  const calm = still === undefined ? undefined : images.get(still.figure.path)
  const alternative =
    calm === undefined
      ? nothing
      : html`<source media="(prefers-reduced-motion: reduce)" srcset="${calm.source}" width="${calm.width}" height="${calm.height}">`
  return html`
<figure class="hero">
<picture>${alternative}<img src="${moving.source}" width="${moving.width}" height="${moving.height}" alt="${altOf(animation)}"></picture>
<figcaption><strong>${animation.group.title}.</strong> ${animation.figure.caption}${legibleText(animation)}${animation.group.runs.length > 1 ? html` <span class="source">${shownText(animation.group)}</span>` : nothing}</figcaption>
</figure>`
}

/** How many of the training's samples can be read at a glance, by the classifier: said where the first digits are seen. */
const legibleText = ({ group }: ShownFigure): Html => {
  const { legible, count } = group.shown.measures
  return legible === undefined
    ? nothing
    : html` Of ${formatCount(count)} samples, the classifier reads ${formatShare(legible)} with a confidence over 0.9.`
}

const imageOrNotice = (shown: ShownFigure | undefined, images: ImagesByPath): Html => {
  if (shown === undefined) return html`<p class="absent">This figure has not been drawn yet.</p>`
  const image = images.get(shown.figure.path)
  if (image === undefined) return html`<p class="absent">The image ${shown.figure.path} could not be read.</p>`
  return html`<img src="${image.source}" width="${image.width}" height="${image.height}" alt="${altOf(shown)}">`
}

const altOf = ({ figure, group }: ShownFigure): string => `${group.title}, ${nameInWords(figure)}: ${figure.caption}`

/** `figure-6` as `figure 6`. */
const nameInWords = ({ name }: ReportFigure): string => name.replaceAll("-", " ")

const claimsOn = (about: PaperFigure, claims: ReadonlyArray<ClaimResult>): Html => {
  const concerned = claims.flatMap(({ id, verdict }, index) =>
    about.claims.includes(id) ? [html`<a href="#${claimAnchor(index)}"><b>${id}</b> ${verdictBadge(verdict)}</a>`] : []
  )
  return concerned.length === 0 ? nothing : html`<p class="verdict-links">${concerned}</p>`
}
