import { html } from "../page/html.ts"
import { pageStyle } from "../page/pageStyle.ts"

/** The page that follows runs, before its script has filled it. `watched`: what is watched, in words. */
export const watchPage = (watched: string): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${watched} - fovea watch</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
<script type="module" src="/script.js"></script>
</head>
<body class="watch">
<header class="top">
<p class="kicker">fovea watch</p>
<h1>${watched}</h1>
<p class="standing" id="standing" role="status">Reading the runs ..</p>
<noscript><p class="notice">This page shows runs as they go on, which takes JavaScript. The runs' folders hold the same images and, in log.jsonl, the same numbers.</p></noscript>
</header>
<div class="desk">
<nav class="runs" aria-label="Runs">
<div class="tools"><label class="field"><span>Find</span><input id="filter" type="search" autocomplete="off" spellcheck="false"></label><button type="button" id="none">None</button><button type="button" id="all">All</button></div>
<ul id="runs"></ul>
<p class="soft" id="more" hidden>There are more runs than are followed here.</p>
</nav>
<main>
<section aria-labelledby="curves-title"><h2 id="curves-title">Curves</h2><div id="curve-tools" class="tools"></div><p id="reading" class="reading" role="status"></p><div id="curves" class="charts"></div></section>
<section aria-labelledby="images-title"><h2 id="images-title">Images</h2><div id="image-tools" class="tools"></div><div id="images" class="columns"></div></section>
<section aria-labelledby="classes-title" id="classes-section" hidden><h2 id="classes-title">Classes of the last samples measured</h2><div id="classes" class="columns"></div></section>
<section aria-labelledby="settings-title"><h2 id="settings-title">Settings</h2><div id="settings"></div></section>
<section aria-labelledby="notices-title"><h2 id="notices-title">Warnings</h2><div id="notices"></div></section>
<section aria-labelledby="run-title"><h2 id="run-title">Notes and commands</h2><div id="run"></div></section>
</main>
</div>
</body>
</html>
`.markup

/** The page's style sheet: that of all pages, and what only this one has. */
export const watchStyle = `${pageStyle}
.watch [hidden] { display: none !important; }
.watch { font-family: var(--sans); font-size: .95rem; line-height: 1.5; }
.watch h1 { font: 600 1.35rem/1.3 var(--sans); margin: 0; overflow-wrap: anywhere; }
.watch h2 { font: 600 1.05rem/1.3 var(--sans); margin: 0 0 .7rem; padding-top: .6rem; border-top: 1px solid var(--ink); }
.watch main > section { margin-bottom: 2.2rem; }
.top { padding: 1rem 1rem .6rem; }
.top .kicker { margin: 0 0 .2rem; }
.standing, .soft, .reading { color: var(--soft); font-size: .86rem; margin: .2rem 0 0; max-width: none; }
.standing.lost { color: var(--fails); font-weight: 600; }
.reading { min-height: 1.5em; font-variant-numeric: tabular-nums; margin-bottom: .4rem; }
.desk { padding: 0 1rem 2rem; display: grid; gap: 1.2rem; grid-template-columns: minmax(0, 1fr); }
.tools { display: flex; flex-wrap: wrap; gap: .45rem .7rem; align-items: center; margin-bottom: .7rem; font-size: .86rem; }
.tools .field, .tools .slider { display: inline-flex; max-width: 100%; gap: .4rem; align-items: center; }
.tools output { min-width: 2.4em; font-variant-numeric: tabular-nums; }
.watch button, .watch select, .watch input:not([type=range]):not([type=checkbox]), .watch textarea { font: inherit; color: inherit; background: var(--page); border: 1px solid var(--soft); border-radius: 4px; padding: .25rem .55rem; min-height: 2rem; }
.watch select { max-width: 100%; min-width: 0; }
.watch button { cursor: pointer; background: var(--tint); }
.watch button:hover:not(:disabled) { border-color: var(--ink); }
.watch button:disabled { opacity: .55; cursor: default; }
.watch button.grave { color: var(--accent); border-color: currentColor; }
.watch button[aria-pressed=true] { background: var(--ink); color: var(--page); }
.watch input[type=range] { accent-color: var(--link); min-width: 7rem; min-height: 2rem; }
.watch input[type=checkbox] { accent-color: var(--link); width: 1.05rem; height: 1.05rem; margin: 0; flex: none; }
.watch textarea { width: 100%; min-height: 7rem; resize: vertical; }
.runs { min-width: 0; }
.runs .tools .field { flex: 1; }
.runs input[type=search] { width: 100%; min-width: 5rem; }
.runs ul { list-style: none; margin: 0; padding: 0; max-height: 17rem; overflow-y: auto; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); }
.run { display: grid; grid-template-columns: minmax(0, 1fr) 3.4rem; gap: .1rem .6rem; padding: .5rem .3rem .5rem 0; border-bottom: 1px solid var(--line); content-visibility: auto; contain-intrinsic-size: auto 5rem; }
.run:last-child { border-bottom: 0; }
.run label { display: flex; gap: .5rem; align-items: center; font-weight: 600; overflow-wrap: anywhere; min-width: 0; cursor: pointer; }
.run .swatch { flex: none; width: 1rem; height: 0; border-top: 3px solid transparent; }
.run .said { font-size: .8rem; color: var(--soft); font-variant-numeric: tabular-nums; grid-column: 1; overflow-wrap: anywhere; }
.run .warned { color: var(--fails); display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.run img { grid-column: 2; grid-row: 1 / span 4; width: 3.4rem; height: 3.4rem; object-fit: cover; object-position: top; background: #fff; border-radius: 3px; outline: 1px solid var(--line); image-rendering: pixelated; }
.run progress { grid-column: 1; width: 100%; height: .4rem; accent-color: var(--link); }
.state { font-weight: 600; }
.state.running { color: var(--holds); }
.state.cut-off, .state.stopped { color: var(--fails); }
.watch .charts { gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
.watch .charts figcaption { margin: 0; }
.plot { position: relative; height: 15rem; touch-action: pan-y; }
.plot .cursor { position: absolute; top: 1rem; bottom: 2rem; width: 0; border-left: 1px dashed var(--soft); pointer-events: none; }
.columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); align-items: start; }
.columns img { width: 100%; background: #fff; border-radius: 4px; outline: 1px solid var(--line); }
.columns figcaption { font-size: .84rem; margin-bottom: .3rem; overflow-wrap: anywhere; }
.bars { display: flex; gap: 2px; height: 6rem; }
.bars .of { flex: 1; display: flex; flex-direction: column; justify-content: flex-end; text-align: center; min-width: 0; height: 100%; }
.bars .bar { background: var(--link); border-radius: 2px 2px 0 0; min-height: 1px; flex: none; max-height: calc(100% - 1.4rem); }
.empty { color: var(--soft); }
#notices ol { list-style: none; margin: 0; padding: 0; max-height: 16rem; overflow-y: auto; font-size: .88rem; }
#notices li { padding: .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
#settings td, #settings th { text-align: left; overflow-wrap: anywhere; min-width: 6rem; }
@media (prefers-color-scheme: dark) { .columns img, .run img { filter: brightness(.92); outline: 0; } }
@media (min-width: 62rem) {
  .top { padding: 1.2rem 1.8rem .8rem; }
  .desk { padding: 0 1.8rem 2rem; grid-template-columns: 19rem minmax(0, 1fr); gap: 2rem; }
  .runs { position: sticky; top: 0; align-self: start; max-height: 100vh; display: flex; flex-direction: column; padding-top: .6rem; }
  .runs ul { max-height: none; flex: 1; min-height: 0; }
}
`
