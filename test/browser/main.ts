// All laws of `fovea/testing` on the backends of browsers, in headless Chromium; run by `npm run browser`, or with the names of backends:
// `npm run browser -- wasm webgpu`. WebGPU is SwiftShader's, on the processor. With `pages`, how fast the pages are.
import * as Effect from "effect/Effect"
import { type ConformanceOptions, conformance } from "../../src/testing.ts"
import type { Asked } from "./laws.ts"
import { openLaws } from "./openLaws.ts"
import { measurePages } from "./pages.ts"

const optionsOf: { readonly [B in Asked["backend"]]: ConformanceOptions } = {
  wasm: { slow: true },
  webgpu: { runs: 10 },
  reference: { runs: 10 }
}

/** A law that takes longer has hung: the page is opened anew for the next one. */
const limit = "3 minutes"

/** What comes of laws in one page, until one hangs: messages of those that are broken, and the laws that are left. */
const inOnePage = Effect.fnUntraced(function* (backend: Asked["backend"], laws: ReadonlyArray<string>) {
  const { check } = yield* openLaws
  const broken: Array<string> = []
  for (const [i, law] of laws.entries()) {
    const found = yield* check({ backend, options: optionsOf[backend], names: [law] }).pipe(
      Effect.map((answer) => answer.broken.length === 0 || answer.report),
      Effect.timeoutOrElse({ duration: limit, orElse: () => Effect.succeed(`"${law}" has not ended in ${limit}`) })
    )
    if (found === true) continue
    broken.push(law)
    console.error(known[backend].test(law) ? `known: ${law}` : found)
    if (String(found).includes("has not ended")) return { broken, left: laws.slice(i + 1) }
  }
  return { broken, left: [] }
}, Effect.scoped)

/**
 * Laws that an engine is known to break. WebGPU promises sine and cosine to 2^-11 only, and only from -pi to pi, which some laws have
 * among the rest; and it may compute as if there were no NaN and no infinities. Its provider has no kernel for an operator of DCGAN's
 * updates, and refuses them.
 */
const known: { readonly [B in Asked["backend"]]: RegExp } = {
  wasm: /^$/,
  webgpu:
    /^(primitives: (sin|cos)$|state: the next state may be, and be made of, |graphs: random expressions and their|not finite: |models: (ten updates of the DCGAN |a training is the same to the bit ))/,
  reference: /^$/
}

const asked = process.argv.slice(2)
const everything = ["wasm", "webgpu", "reference", "pages"]
const chosen = asked.length === 0 ? everything : asked
const backends = (["wasm", "webgpu", "reference"] as const).filter((name) => chosen.includes(name))

const main = Effect.gen(function* () {
  for (const backend of backends) {
    const names = conformance(optionsOf[backend]).map(({ name }) => name)
    const began = performance.now()
    let [broken, left]: [ReadonlyArray<string>, ReadonlyArray<string>] = [[], names]
    while (left.length > 0) {
      const page = yield* inOnePage(backend, left)
      broken = [...broken, ...page.broken]
      left = page.left
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    console.log(`${backend} keeps ${names.length - broken.length} of ${names.length} laws, in ${seconds} s`)
    if (broken.some((law) => !known[backend].test(law))) process.exitCode = 1
  }
  if (chosen.includes("pages")) yield* measurePages
})

await Effect.runPromise(main)
