import { own } from "../record/own.ts"
/** A piece of an HTML document, well-formed by itself. Only this module makes them, so that texts cannot pass for one. */
export interface Html {
  readonly _tag: "Html"
  readonly markup: string
}

/** What may be in a template: pieces go in as they are, texts escaped; `undefined` leaves nothing. */
export type HtmlContent = Html | string | number | undefined | ReadonlyArray<HtmlContent>

/**
 * A piece of HTML from a template literal: `` html`<p>${text}</p>` ``. Texts are escaped for where content may stand, and
 * for attributes in double quotes; nowhere else may a value stand (no tag names, unquoted attributes, scripts or styles).
 */
export const html = (template: TemplateStringsArray, ...contents: ReadonlyArray<HtmlContent>): Html => ({
  _tag: "Html",
  markup: template.map((text, i) => (i === 0 ? text : markupOf(contents[i - 1]) + text)).join("")
})

/** Markup of another origin that is known to be well-formed and harmless, such as a chart that this library drew. */
export const trustedMarkup = (markup: string): Html => ({ _tag: "Html", markup })

/** No HTML. */
export const nothing: Html = trustedMarkup("")

const markupOf = (content: HtmlContent): string => {
  if (content === undefined) return ""
  if (typeof content === "string") return escapeText(content)
  if (typeof content === "number") return escapeText(String(content))
  return isPiece(content) ? content.markup : content.map(markupOf).join("")
}

const isPiece = (content: Html | ReadonlyArray<HtmlContent>): content is Html => "_tag" in content

/** Half surrogates, and controls other than tab, line feed and carriage return: HTML forbids them even as references. */
const forbidden = /\p{Surrogate}|[^\P{Control}\t\n\r]/gu

const references: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser takes a bare carriage return for a line feed.
  "\r": "&#13;"
}

/** A text as HTML that a reader sees as that text. What HTML cannot say (control characters, half surrogates) becomes U+FFFD. */
export const escapeText = (text: string): string =>
  text.replaceAll(forbidden, "\ufffd").replaceAll(/[&<>"\r]/g, (character) => own(references, character) ?? "")
