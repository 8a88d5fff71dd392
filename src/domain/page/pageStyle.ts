/**
 * The style sheet that all pages of this library share. System fonts; one accent, the red of the windows; a blue and an orange that any
 * colour vision tells apart. Wide tables scroll in their own box (`scroller`), so that the page never does sideways. What a page needs besides comes
 * behind it.
 */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #fcfbf8; --sheet: #ffffff; --ink: #1f1f1d; --soft: #63615c; --line: #e2dfd7; --tint: #f4f1ea;
  --accent: #b4261c; --link: #0b5394; --holds: #0a5c99; --fails: #b04a00; --bar: 0%; --bars: #dfe8f0;
  --serif: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Noto Serif", Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161614; --ink: #e8e5de; --soft: #a3a098; --line: #35332e; --tint: #201f1c; --sheet: #ffffff;
    --accent: #ff8073; --link: #8cbcf0; --holds: #7db8f0; --fails: #f0a15e; --bars: #27415a;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--page); color: var(--ink); font: 1.0625rem/1.6 var(--serif); overflow-wrap: break-word; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
p { margin: 0 0 1em; max-width: 68ch; }
h1, h2, h3 { line-height: 1.2; font-weight: 600; text-wrap: balance; letter-spacing: -.01em; }
h1 { font-size: clamp(1.8rem, 1.2rem + 2.6vw, 2.7rem); margin: 0 0 .6em; }
h2 { font-size: 1.6rem; margin: 0 0 .8em; padding-top: .9rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.2rem; margin: 0 0 .7em; }
h4 { font: 600 .72rem/1.4 var(--sans); letter-spacing: .09em; text-transform: uppercase; color: var(--soft); margin: 1.3em 0 .35em; }
figure { margin: 0; }
img, svg { display: block; max-width: 100%; height: auto; }
code, pre { font-family: var(--mono); font-size: .86em; overflow-wrap: anywhere; }
small { font-size: .82em; color: var(--soft); font-weight: 400; }

.masthead, .body { max-width: 78rem; margin: 0 auto; padding: 0 1rem; }
.masthead { padding-top: 2.5rem; padding-bottom: 2rem; }
.masthead > * { min-width: 0; }
.kicker { font: 600 .78rem/1.4 var(--sans); letter-spacing: .09em; text-transform: uppercase; color: var(--accent); margin: 0 0 1rem; }
.lead { font-size: 1.15rem; }
.facts { font: .84rem/1.6 var(--sans); color: var(--soft); list-style: none; margin: 1.2rem 0 0; padding: 0; }
.facts li { margin: 0; }
.hero { margin-top: 1.5rem; }
.hero img { background: var(--sheet); border-radius: 4px; outline: 1px solid var(--line); width: 100%; }
.hero figcaption { font: .84rem/1.5 var(--sans); color: var(--soft); margin-top: .7rem; }

.notice { border-left: 4px solid var(--fails); background: var(--tint); padding: .9rem 1.1rem; margin: 0 0 2.5rem; border-radius: 0 4px 4px 0; }
.notice > :last-child { margin-bottom: 0; }
.notice p { margin-bottom: .5em; }
.notice ul { margin: 0; padding-left: 1.2em; }

.contents { font: .86rem/1.4 var(--sans); margin-bottom: 2.5rem; }
.contents ul { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.contents ul ul { display: none; }
.contents a { color: var(--soft); text-decoration: none; display: inline-block; padding: .25rem 0; }
.contents a:hover { color: var(--ink); text-decoration: underline; }
main { min-width: 0; }
main > section { margin-bottom: 4.5rem; }

.scroller { overflow-x: auto; margin: 0 0 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; width: 100%; font: .86rem/1.45 var(--sans); font-variant-numeric: tabular-nums lining-nums; }
caption { caption-side: top; text-align: left; color: var(--soft); font: .95rem/1.5 var(--serif); padding-bottom: .8rem; }
caption strong, figcaption strong { color: var(--ink); font-weight: 600; }
.scroller caption { position: sticky; left: 0; max-width: min(68ch, calc(100vw - 2rem)); }
th, td { padding: .5rem .7rem; text-align: right; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { vertical-align: bottom; font-weight: 600; line-height: 1.25; border-top: 2px solid var(--ink); border-bottom: 1px solid var(--ink); }
thead th small { display: block; white-space: nowrap; margin-top: .15rem; }
tbody th { text-align: left; font-weight: 600; }
th:first-child { text-align: left; padding-left: 0; }
td:last-child, th:last-child { padding-right: 0; }

.plate { padding: 0 0 3.2rem; }
.plate > img, .gallery img, .sheet { background: #fff; border-radius: 4px; outline: 1px solid var(--line); }
.plate > figcaption { margin-top: 1.1rem; min-width: 0; }
.plate figcaption p { margin-bottom: .6em; }
.source { color: var(--soft); }
.absent { border: 1.5px dashed var(--line); border-radius: 4px; padding: 3rem 1.2rem; text-align: center; color: var(--soft); max-width: none; margin: 0; overflow-wrap: anywhere; }
.gallery, .charts { display: grid; gap: 2.2rem 1.8rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); align-items: start; }
.gallery { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.gallery figcaption, .charts figcaption { font: .86rem/1.5 var(--sans); color: var(--soft); overflow-wrap: anywhere; }
.gallery figcaption { margin-top: .6rem; }
.charts figcaption { margin-bottom: .6rem; }
.charts + h3, .gallery + h3 { margin-top: 2.8rem; }
.sheet { overflow: hidden; }
.sheet svg { width: 100%; }
@media (prefers-color-scheme: dark) { .hero img, .plate > img, .gallery img, .sheet { filter: brightness(.92); outline: 0; } }

details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .6rem 0; font: .9rem/1.4 var(--sans); }
pre { background: var(--tint); padding: 1rem; margin: 0 0 1rem; overflow-x: auto; border-radius: 4px; line-height: 1.5; white-space: pre; }

@media (min-width: 62rem) {
  .masthead, .body { padding-left: 2.5rem; padding-right: 2.5rem; }
  .masthead { padding-top: 4rem; padding-bottom: 3.5rem; display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 37.6rem); gap: 3.5rem; align-items: center; }
  .masthead.plain { grid-template-columns: minmax(0, 1fr); }
  .hero { margin: 0; }
  .body { display: grid; grid-template-columns: 11rem minmax(0, 1fr); gap: 3.5rem; }
  .contents { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.2rem 0; margin: 0; border-top: 2px solid var(--ink); }
  .contents ul { display: block; }
  .contents ul ul { display: block; padding-left: .9rem; margin-bottom: .4rem; }
  .contents ul ul a { padding: .12rem 0; font-size: .95em; }
  .plate { display: grid; grid-template-columns: minmax(0, 62%) minmax(0, 1fr); gap: 2.2rem; align-items: start; }
  .plate > figcaption { margin-top: -.2rem; }
}
@media print {
  .contents { display: none; }
  .body { display: block; }
  .plate, .chart { break-inside: avoid; }
}
`
