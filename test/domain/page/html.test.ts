import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { escapeText, html, nothing, trustedMarkup } from "../../../src/domain/page/html.ts"
import { skeletonOf, textsOf } from "../../support/htmlText.ts"

/** Texts that are rich in what HTML gives a meaning to. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc
    .array(fc.constantFrom("<", ">", '"', "'", "&", "/", "=", "`", " ", "-->", "script", "&lt;", "\r", "é"))
    .map((parts) => parts.join(""))
)

/** What is left of a text once what HTML cannot say is replaced. */
const sayable = (text: string): string =>
  Buffer.from(text, "utf8")
    .toString("utf8")
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, "\ufffd")

describe("html", () => {
  it("says any text as a text, in content and in attributes", () => {
    fc.assert(
      fc.property(hostile, hostile, (content, attribute) => {
        const { markup } = html`<p title="${attribute}">${content}</p>`
        assert.deepStrictEqual(skeletonOf(markup), ["p[title]", "/p"])
        assert.include(textsOf(markup), sayable(content))
        assert.include(textsOf(markup), sayable(attribute))
      }),
      { numRuns: 300 }
    )
  })

  it("puts pieces in as they are, lists one after another, and nothing for what is not there", () => {
    const items = ["a", "<b>", 3].map((item) => html`<li>${item}</li>`)
    assert.strictEqual(
      html`<ul>${items}</ul>${undefined}${nothing}`.markup,
      "<ul><li>a</li><li>&lt;b&gt;</li><li>3</li></ul>"
    )
    assert.strictEqual(html`${trustedMarkup("<svg></svg>")}`.markup, "<svg></svg>")
  })

  it("replaces what HTML cannot say", () => {
    assert.strictEqual(escapeText("a\u0000b\ud800c\u0085d\te\nf\rg"), "a\ufffdb\ufffdc\ufffdd\te\nf&#13;g")
    assert.strictEqual(escapeText("𝒛"), "𝒛")
  })
})
