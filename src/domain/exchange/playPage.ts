import { controlStyle } from "../page/controlStyle.ts"
import { html, trustedMarkup } from "../page/html.ts"
import { pageStyle } from "../page/pageStyle.ts"
import { inScript, whatIsMissing } from "../page/scripts.ts"
import type { Playable } from "./Playable.ts"

/** What the page of a generator carries. */
export interface PlayPageContent {
  readonly playable: Playable
  /** The page's script: a module that imports the engine by its package's name. */
  readonly script: string
  readonly engine: {
    /** What the script imports. */
    readonly name: string
    /** The engine's module. */
    readonly module: string
    /** Its WebAssembly, compressed by gzip, in base 64. */
    readonly wasm: string
  }
  /** The generator as an ONNX model, compressed by gzip, in base 64. */
  readonly model: string
}

/**
 * A trained generator as one HTML document that is operated: the model, the engine and the page's script are in it, and
 * nothing comes from elsewhere (its content security policy forbids it), so that it runs from a file.
 */
export const playPage = ({ playable, script, engine, model }: PlayPageContent): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval' data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${playable.title}</title>
<style>${trustedMarkup(pageStyle + controlStyle + playStyle)}</style>
</head>
<body>
<div class="play">
<header>
<p class="kicker">Fovea: a generator at play</p>
<h1>${playable.title}</h1>
<p class="hint">${playable.origin}</p>
</header>
<main>
<div id="controls"></div>
<p id="status" class="status" aria-live="polite">Starting the engine ..</p>
<noscript><p role="alert">This page draws by JavaScript, which is off in this browser.</p></noscript>
<div id="stage" class="stage"></div>
<div id="random"></div>
</main>
</div>
<script>${trustedMarkup(whatIsMissing(["WebAssembly", "DecompressionStream", "import maps"]))}</script>
<script type="application/json" id="playable">${trustedMarkup(inScript(JSON.stringify(playable)))}</script>
<script type="application/octet-stream" id="engine">${trustedMarkup(engine.wasm)}</script>
<script type="application/octet-stream" id="model">${trustedMarkup(model)}</script>
<script type="importmap">${trustedMarkup(JSON.stringify({ imports: { [engine.name]: moduleAddress(engine.module) } }))}</script>
<script type="module">${trustedMarkup(inScript(script))}</script>
</body>
</html>
`.markup

/** A module as an address that an import map can name. */
const moduleAddress = (text: string): string => `data:text/javascript;charset=utf-8,${encodeURIComponent(text)}`

const playStyle = `
.play { max-width: 66rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.play h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.2rem); margin: 0 0 .3em; overflow-wrap: anywhere; }
.play h2 { font-size: 1.25rem; margin-top: 2.2rem; }
.play .kicker { margin-bottom: .5rem; }
.steps .slider { flex: 1 1 16rem; grid-template-columns: auto minmax(6rem, 1fr) auto; }
.steps button { min-width: 5.5rem; }
.stage { display: grid; grid-template-columns: repeat(5, 1fr); gap: .35rem; max-width: 48rem; align-content: start; position: sticky; top: 0; z-index: 1; background: var(--page); padding: .5rem 0; }
.stage .sample { padding: 0; border: 2px solid transparent; background: none; border-radius: 4px; line-height: 0; }
.stage .sample[aria-pressed="true"] { border-color: var(--link); }
.stage canvas { width: 100%; height: auto; image-rendering: pixelated; border-radius: 2px; }
.stage .plane { grid-column: 1 / -1; max-width: 24rem; width: 100%; border-radius: 4px; }
.parts { list-style: none; margin: 0 0 1.2rem; padding: 0; }
.parts li { display: grid; gap: .3rem 1.5rem; align-items: center; padding: .7rem 0; border-top: 1px solid var(--line); }
.numbers { display: grid; gap: .1rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); margin-bottom: 1rem; }
.numbers .slider { grid-template-columns: 2rem minmax(4rem, 1fr) auto; }
@media (min-width: 48rem) {
  .parts li { grid-template-columns: 1fr 1fr 13rem; }
}
`
