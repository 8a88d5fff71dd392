import { classifierWarning } from "../../metrics/ClassifierRecord.ts"
import { type Chart, chartGrid } from "../../page/charts.ts"
import { type Html, html, nothing } from "../../page/html.ts"
import { dateText, documentPage, type PageSection } from "../../page/page.ts"
import { formatCount, formatShare } from "../../text/numbers.ts"
import { claimsSummary, claimsTable } from "./claimsTable.ts"
import { classesTable } from "./classesTable.ts"
import { experimentGroups, experimentTitle, isFinished } from "./experimentGroup.ts"
import {
  animationFigure,
  figureAnchor,
  figureGallery,
  type ImagesByPath,
  paperFiguresSection,
  shownFigures
} from "./figuresSection.ts"
import { measuresTables } from "./measuresTable.ts"
import type { ClaimResult, ExperimentResult, Results } from "./Results.ts"
import { reportStyle } from "./reportStyle.ts"
import { settingsSection } from "./settingsTable.ts"
import { systemsSection } from "./systemsSection.ts"
import { trainingsTable } from "./trainingsTable.ts"

/** Everything that stands on the page. */
export interface ReportContent {
  readonly results: Results
  /** By their paths in the results. A figure that is not among them leaves a notice in its place. */
  readonly images: ImagesByPath
  /** Measures over the epochs. */
  readonly courses: ReadonlyArray<Chart>
  /** Learning curves, one chart a training. */
  readonly learning: ReadonlyArray<Chart>
}

/**
 * The report as one HTML document that needs nothing else: no network, no scripts (its content security policy forbids
 * both), images as data URIs, charts inline. Every text of the results stands on it as a text.
 */
export const reportPage = (content: ReportContent): string => {
  const { results, images } = content
  const shown = shownFigures(results)
  const { library, machine, claims, name, createdAt } = results
  return documentPage({
    title: `The attention GAN, reproduced: ${name} run`,
    kicker: "Reproduction report",
    heading: "Image generation with adversarial nets and attention, reproduced",
    lead: leadText(results),
    summary: claims.length === 0 ? nothing : claimsSummary(claims),
    facts: [
      `${name} run, ${dateText(createdAt)}`,
      `${library.name} ${library.version}; ${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB`
    ],
    hero: animationFigure(shown, images),
    notice: noticeOf(results),
    sections: sectionsOf(content),
    style: reportStyle
  })
}

const sectionsOf = ({ results, images, courses, learning }: ReportContent): ReadonlyArray<PageSection> => {
  const groups = experimentGroups(results.experiments)
  const shown = shownFigures(results)
  const charts: ReadonlyArray<PageSection> =
    courses.length + learning.length === 0
      ? []
      : [
          {
            anchor: "courses",
            title: "Over the epochs",
            body: html`${courses.length === 0 ? nothing : html`<h3>Measures</h3>${chartGrid(courses)}`}${
              learning.length === 0 ? nothing : html`<h3>Learning curves</h3>${chartGrid(learning)}`
            }`
          }
        ]
  const further: ReadonlyArray<PageSection> =
    shown.further.length === 0
      ? []
      : [{ anchor: "further", title: "Further images", body: figureGallery(shown.further, images) }]
  const modern: ReadonlyArray<PageSection> =
    shown.modern.length === 0
      ? []
      : [
          {
            anchor: "modern",
            title: "What the idea can do",
            body: html`<p>These are not the paper’s settings, and no claim rests on them. The modern preset looks and draws through windows as the paper’s model does, and changes how that is built and trained: gated cells, larger and softer windows, a gradient penalty, an average of the generator. The paper’s own are figures 4 and 6 below; the measures stand side by side.</p>${figureGallery(shown.modern, images)}`
          }
        ]
  const judged = `The classifier was trained by Fovea itself for ${formatCount(Math.round(results.classifier.epochs))} epochs and names ${formatShare(results.classifier.testAccuracy)} of the test images rightly.`
  const warning = classifierWarning(results.classifier)
  return [
    ...(results.claims.length === 0 ? [] : [{ anchor: "claims", title: "Claims", body: claimsTable(results.claims) }]),
    ...(results.systems === undefined
      ? []
      : [{ anchor: "systems", title: "Systems", body: systemsSection(groups, results.systems, shown, images) }]),
    ...modern,
    {
      anchor: "measures",
      title: "Measures",
      body: html`<p>Features and classes are a classifier’s. ${judged} Test images show what a measure comes to for real images, its floor; noise and the mean image what it comes to for bad ones, its ceiling. Of several seeds there stand the median and, in brackets, the least and the greatest. The best model of several is underlined.</p>
${warning === undefined ? nothing : html`<aside class="notice" aria-label="Notice"><p><strong>${warning}</strong></p></aside>`}
${measuresTables(groups, results.references)}${classesTable(groups, results.references.testImages)}`
    },
    {
      anchor: "figures",
      title: "Figures",
      body: paperFiguresSection(shown, images, results.claims),
      parts: shown.paper.map(({ about }) => ({ anchor: figureAnchor(about), title: `Figure ${about.number}` }))
    },
    ...charts,
    ...further,
    {
      anchor: "settings",
      title: "Experiments and settings",
      body: html`${trainingsTable(groups)}${settingsSection(groups)}`
    },
    { anchor: "making", title: "How this was made", body: makingSection(results) }
  ]
}

const leadText = ({ experiments, claims, dataset }: Results): string => {
  const groups = experimentGroups(experiments)
  const trained =
    groups.length === 0
      ? "Nothing has been trained yet."
      : `Trained on ${dataset.name}, measured against real images, and held against what Kataoka, Matsubara and Uehara say: ${listed(groups.map(({ title }) => title))}.`
  return claims.length === 0 ? trained : `${trained} ${tally(claims)}`
}

const listed = (names: ReadonlyArray<string>): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.slice(-1).join("")}`

const tally = (claims: ReadonlyArray<ClaimResult>): string => {
  const parts = (["holds", "does not hold", "unclear"] as const).flatMap((verdict) => {
    const count = claims.filter((claim) => claim.verdict === verdict).length
    return count === 0 ? [] : [`${count} ${verdictWords[verdict][count === 1 ? 0 : 1]}`]
  })
  return `Of ${claims.length} ${claims.length === 1 ? "claim" : "claims"} ${listed(parts)}.`
}

/** Of one claim, and of several. */
const verdictWords: { readonly [V in ClaimResult["verdict"]]: readonly [string, string] } = {
  holds: ["holds", "hold"],
  "does not hold": ["does not hold", "do not hold"],
  unclear: ["is unclear", "are unclear"]
}

/** What a reader must know before believing any number: that the run was a quick one, and what is not there yet. */
export const noticeOf = ({ name, missing, experiments }: Results): Html => {
  const unfinished = experiments.filter((run) => !isFinished(run))
  const isQuick = name === "quick"
  if (!isQuick && missing.length === 0 && unfinished.length === 0) return nothing
  const quick = isQuick
    ? html`<p><strong>A quick run.</strong> The main experiment and the modern preset have most of the time, the others only what their figures need, and few samples are measured: what compares trainings with one another (claims C1, C3 and C6) is not of like with like.</p>`
    : nothing
  // Whoever made the results has said what is missing; only where nothing is said it is found out here.
  const listed = missing.length > 0 ? missing : unfinished.map(unfinishedLine)
  const incomplete =
    listed.length === 0
      ? nothing
      : html`<p><strong>Not complete.</strong> What follows stands on what is there so far.</p><ul>${listed.map((line) => html`<li>${line}</li>`)}</ul>`
  return html`<aside class="notice" aria-label="Notice">${quick}${incomplete}</aside>`
}

const unfinishedLine = ({ name, seed, updates, totalUpdates }: ExperimentResult): string =>
  `${experimentTitle(name)}, seed ${seed}: measured after ${formatCount(updates)} of ${formatCount(totalUpdates)} updates.`

/** How the report came about, so that it can be made again: command, library, machine, and digests of the data. */
export const makingSection = (results: Results): Html => {
  const { library, machine, dataset, createdAt } = results
  return html`
<dl class="making">
<dt>Command</dt><dd><code>${commandOf(results)}</code></dd>
<dt>Library</dt><dd>${library.name} ${library.version}</dd>
<dt>Machine</dt><dd>${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB of memory</dd>
<dt>Finished</dt><dd>${createdAt}</dd>
<dt>Data set</dt><dd>${dataset.name}${Object.entries(dataset.digests).map(
    ([file, digest]) => html`<br><code>${file}</code> <small><code>${digest}</code></small>`
  )}</dd>
<dt>Numbers</dt><dd>All of them are in <code>results.json</code> beside this page, with every seed’s values.</dd>
</dl>`
}

/** The command that makes such a report: with as many replicas as all experiments have seeds; where these differ, the plan says so. */
const commandOf = ({ name, experiments }: Results): string => {
  const seeds = new Map<string, number>()
  for (const run of experiments) seeds.set(run.name, (seeds.get(run.name) ?? 0) + 1)
  const counts = new Set(seeds.values())
  const replicas = counts.size === 1 ? Math.max(...counts) : 1
  const plan = name === "quick" ? ["--quick"] : name === "reproduction" || name === "full" ? [] : [`--plan ${name}`]
  const options = [...plan, ...(replicas > 1 ? [`--replicas ${replicas}`] : [])]
  return ["npm run reproduce", ...(options.length === 0 ? [] : ["--", ...options])].join(" ")
}
