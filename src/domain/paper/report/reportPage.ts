import { classifierWarning } from "../../metrics/ClassifierRecord.ts"
import { formatCount, formatShare } from "../../text/numbers.ts"
import { type Chart, chartGrid } from "./chartsSection.ts"
import { claimsSummary, claimsTable } from "./claimsTable.ts"
import { classesTable } from "./classesTable.ts"
import { experimentGroups } from "./experimentGroup.ts"
import {
  animationFigure,
  figureAnchor,
  figureGallery,
  type ImagesByPath,
  paperFiguresSection,
  shownFigures
} from "./figuresSection.ts"
import { type Html, html, nothing, trustedMarkup } from "./html.ts"
import { makingSection } from "./makingSection.ts"
import { measuresTables } from "./measuresTable.ts"
import { noticeOf } from "./notice.ts"
import type { ClaimResult, Results } from "./Results.ts"
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

interface Section {
  readonly anchor: string
  readonly title: string
  readonly body: Html
  /** Entries below it in the table of contents. */
  readonly parts?: ReadonlyArray<{ readonly anchor: string; readonly title: string }>
}

/**
 * The report as one HTML document that needs nothing else: no network, no scripts (its content security policy forbids
 * both), images as data URIs, charts inline. Every text of the results stands on it as a text.
 */
export const reportPage = (content: ReportContent): string => {
  const { results, images } = content
  const shown = shownFigures(results)
  const sections = sectionsOf(content)
  const hero = animationFigure(shown, images)
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>The attention GAN, reproduced: ${results.name} run</title>
<style>${trustedMarkup(reportStyle)}</style>
</head>
<body>
<header class="${hero === nothing ? "masthead plain" : "masthead"}">
<div>
<p class="kicker">Reproduction report</p>
<h1>Image generation with adversarial nets and attention, reproduced</h1>
<p class="lead">${leadText(results)}</p>
${results.claims.length === 0 ? nothing : claimsSummary(results.claims)}
<ul class="facts">
<li>${results.name} run, ${dateText(results.createdAt)}</li>
<li>${results.library.name} ${results.library.version}; ${results.machine.processor}, ${results.machine.cores} cores, ${results.machine.memoryGiB} GiB</li>
</ul>
</div>
${hero}
</header>
<div class="body">
<nav class="contents" aria-label="Contents">${contentsOf(sections)}</nav>
<main>
${noticeOf(results)}
${sections.map(({ anchor, title, body }) => html`<section id="${anchor}"><h2>${title}</h2>${body}</section>\n`)}
</main>
</div>
</body>
</html>
`
  return page.markup
}

const sectionsOf = ({ results, images, courses, learning }: ReportContent): ReadonlyArray<Section> => {
  const groups = experimentGroups(results.experiments)
  const shown = shownFigures(results)
  const charts: ReadonlyArray<Section> =
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
  const further: ReadonlyArray<Section> =
    shown.further.length === 0
      ? []
      : [{ anchor: "further", title: "Further images", body: figureGallery(shown.further, images) }]
  const judged = `The classifier was trained by Fovea itself for ${formatCount(Math.round(results.classifier.epochs))} epochs and names ${formatShare(results.classifier.testAccuracy)} of the test images rightly.`
  const warning = classifierWarning(results.classifier)
  return [
    ...(results.claims.length === 0 ? [] : [{ anchor: "claims", title: "Claims", body: claimsTable(results.claims) }]),
    ...(results.systems === undefined
      ? []
      : [{ anchor: "systems", title: "Systems", body: systemsSection(groups, results.systems, shown, images) }]),
    {
      anchor: "measures",
      title: "Measures",
      body: html`<p>Features and classes are a classifier’s. ${judged} Test images show what a measure comes to for real images, its floor; noise and the mean image what it comes to for bad ones, its ceiling. The best model of several is underlined.</p>
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

const contentsOf = (sections: ReadonlyArray<Section>): Html =>
  html`<ul>${sections.map(
    ({ anchor, title, parts = [] }) =>
      html`<li><a href="#${anchor}">${title}</a>${
        parts.length === 0
          ? nothing
          : html`<ul>${parts.map((part) => html`<li><a href="#${part.anchor}">${part.title}</a></li>`)}</ul>`
      }</li>`
  )}</ul>`

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

/** `2026-11-23T22:23:52.973Z` as `2026-11-23 22:23 UTC`; anything else as it is. */
const dateText = (instant: string): string => instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z$/, "$1 $2 UTC")
