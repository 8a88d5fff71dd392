import { type Html, html, nothing, trustedMarkup } from "./html.ts"
import { pageStyle } from "./pageStyle.ts"

/** A part of a page, with an entry in its table of contents. */
export interface PageSection {
  readonly anchor: string
  readonly title: string
  readonly body: Html
  /** Entries below it in the table of contents. */
  readonly parts?: ReadonlyArray<{ readonly anchor: string; readonly title: string }>
}

/** What stands on a page of this library. */
export interface PageContent {
  /** Of the document. */
  readonly title: string
  /** Above the heading: what kind of page it is. */
  readonly kicker: string
  readonly heading: string
  /** The result in a sentence or two. */
  readonly lead: string
  /** Below the lead. */
  readonly summary?: Html
  readonly facts: ReadonlyArray<string>
  /** Next to the heading, where there is room; none if left out. */
  readonly hero?: Html
  /** What must be known before any number is believed. */
  readonly notice?: Html
  readonly sections: ReadonlyArray<PageSection>
  /** Rules of this page's own, behind those of all pages. */
  readonly style: string
}

/**
 * A page as one HTML document that needs nothing else: no network, no scripts (its content security policy forbids
 * both), images as data URIs, charts inline.
 */
export const documentPage = ({
  hero = nothing,
  summary = nothing,
  notice = nothing,
  ...content
}: PageContent): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${content.title}</title>
<style>${trustedMarkup(pageStyle)}${trustedMarkup(content.style)}</style>
</head>
<body>
<header class="${hero === nothing ? "masthead plain" : "masthead"}">
<div>
<p class="kicker">${content.kicker}</p>
<h1>${content.heading}</h1>
<p class="lead">${content.lead}</p>
${summary}
<ul class="facts">
${content.facts.map((fact) => html`<li>${fact}</li>\n`)}</ul>
</div>
${hero}
</header>
<div class="body">
<nav class="contents" aria-label="Contents">${contentsOf(content.sections)}</nav>
<main>
${notice}
${content.sections.map(({ anchor, title, body }) => html`<section id="${anchor}"><h2>${title}</h2>${body}</section>\n`)}
</main>
</div>
</body>
</html>
`.markup

const contentsOf = (sections: ReadonlyArray<PageSection>): Html =>
  html`<ul>${sections.map(
    ({ anchor, title, parts = [] }) =>
      html`<li><a href="#${anchor}">${title}</a>${
        parts.length === 0
          ? nothing
          : html`<ul>${parts.map((part) => html`<li><a href="#${part.anchor}">${part.title}</a></li>`)}</ul>`
      }</li>`
  )}</ul>`

/** `2026-11-23T22:23:52.973Z` as `2026-11-23 22:23 UTC`; anything else as it is. */
export const dateText = (instant: string): string =>
  instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z$/, "$1 $2 UTC")
