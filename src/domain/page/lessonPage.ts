import { controlStyle } from "./controlStyle.ts"
import { html, trustedMarkup } from "./html.ts"
import { pageStyle } from "./pageStyle.ts"
import { inScript, whatIsMissing } from "./scripts.ts"

/** What the page of the lesson carries. */
export interface LessonPageContent {
  /** The page's script, and that of its worker: modules without imports. */
  readonly script: string
  readonly worker: string
  /** The engine's WebAssembly and a NumPy file of digits, compressed by gzip, in base 64. */
  readonly wasm: string
  readonly digits: string
}

/**
 * The lesson as one HTML document: two small adversarial nets that are trained in the visitor's browser, with controls for what matters. Nothing
 * comes from elsewhere (its content security policy forbids it), so that it runs from a file.
 */
export const lessonPage = ({ script, worker, wasm, digits }: LessonPageContent): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval' 'unsafe-eval' blob:; worker-src blob:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>See it learn</title>
<style>${trustedMarkup(pageStyle + controlStyle + lessonStyle)}</style>
</head>
<body>
<div class="lesson">
<header>
<p class="kicker">Fovea: a lesson</p>
<h1>See it learn</h1>
<p>Two nets play against each other: a generator G draws, a discriminator D says what is drawn and what is real, and each learns from the other. Both are trained now, in this page, on this machine.</p>
</header>
<div id="tabs" class="buttons"></div>
<noscript><p role="alert">The nets are trained by JavaScript, which is off in this browser.</p></noscript>
<main>
<div>
<div id="stage" class="stage"></div>
<p id="status" class="status">Starting the engine ..</p>
</div>
<div id="controls" class="controls"></div>
</main>
<section id="about-plane">
<h2>What is seen</h2>
<p>Grey points are the data: Gaussians on a circle. Black points are what G draws of random numbers. The colour is D: blue where it takes a point for real, orange where for drawn, white where it cannot say. G moves its points up D's slope, D bends the slope away from them, and so they chase one another until D is white where the data lie.</p>
<h2>What a collapse is</h2>
<p>“Cause a collapse” holds D still and makes G quick. G is then right to draw nothing but the one point that D likes best: every random number gives the same. Its loss has never been lower, and nothing is left of what it knew. That is what a collapse looks like in any model: good losses, and samples that are all alike. “Let D learn again”, and D pushes the heap away; often it takes long to spread.</p>
</section>
<section id="about-digits" hidden>
<h2>What attention is</h2>
<p>G does not draw a digit at once. It draws in five steps, each through a window of its own: a grid of four by four Gaussian brushes whose place, width and sharpness it chooses. The red square is the window of the step that is shown, the thickness of its line the width of the brushes. Move the slider over the steps, and see where it begins and what it adds. D looks at digits in the same way.</p>
<h2>What the start does</h2>
<p>The canvas is learned too. It begins as the mean of all digits, a grey cloud in the middle, so that the first steps need only take away and sharpen; let it begin black, and G must first find out where digits are.</p>
<h2>What a collapse is</h2>
<p>“Cause a collapse” holds D still and makes G quick: the twelve drawings, each of other random numbers, become one and the same.</p>
</section>
</div>
<script>${trustedMarkup(whatIsMissing(["WebAssembly", "DecompressionStream"]))}</script>
<script type="text/plain" id="worker">${trustedMarkup(inScript(worker))}</script>
<script type="application/octet-stream" id="engine">${trustedMarkup(wasm)}</script>
<script type="application/octet-stream" id="digits">${trustedMarkup(digits)}</script>
<script type="module">${trustedMarkup(inScript(script))}</script>
</body>
</html>
`.markup

const lessonStyle = `
.lesson { max-width: 66rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.lesson h1 { font-size: clamp(1.6rem, 1.1rem + 2vw, 2.4rem); margin: 0 0 .3em; }
.lesson h2 { font-size: 1.2rem; margin-top: 1.6rem; }
.lesson .kicker { margin-bottom: .5rem; }
.lesson main { display: grid; gap: 1.5rem; }
#tabs button[aria-pressed="true"] { border-color: var(--link); outline: 1px solid var(--link); font-weight: 600; }
.stage canvas { width: 100%; height: auto; display: block; border-radius: 3px; }
.stage.digits { display: grid; grid-template-columns: repeat(4, 1fr); gap: .4rem; }
.stage.digits canvas { image-rendering: pixelated; }
.stage.plane canvas { outline: 1px solid var(--line); }
.status { min-height: 3em; margin: .6rem 0 0; font-variant-numeric: tabular-nums; }
.controls { display: grid; gap: .9rem; align-content: start; }
.controls .slider { grid-template-columns: minmax(7rem, 9.5rem) minmax(4rem, 1fr) 8.2rem; }
.controls .slider[hidden], .controls .field[hidden] { display: none; }
@media (max-width: 30rem) {
  .controls .slider { grid-template-columns: 1fr auto; }
  .controls .slider input { grid-row: 2; grid-column: 1 / -1; }
}
@media (min-width: 52rem) { .lesson main { grid-template-columns: minmax(0, 30rem) minmax(0, 1fr); } }
`
