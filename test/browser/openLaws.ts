import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { bundledPage } from "../../build/pages.ts"
import { openBrowserWith, softwareGpu } from "../support/browser.ts"
import type { Asked } from "./laws.ts"

const engine = fileURLToPath(new URL("../../node_modules/onnxruntime-web/dist", import.meta.url))

/** A site without a server: every request of the page is answered here, and there is no network. */
const site = "https://fovea.test"

const html = `<!doctype html><script type="importmap">${JSON.stringify({
  imports: {
    "onnxruntime-web/wasm": "/engine/ort.wasm.min.mjs",
    "onnxruntime-web/webgpu": "/engine/ort.webgpu.min.mjs"
  }
})}</script><script type="module" src="/laws.js"></script>`

const Found = Schema.Struct({
  backend: Schema.String,
  kept: Schema.Array(Schema.String),
  broken: Schema.Array(Schema.String),
  report: Schema.String
})

/** A page of Chromium that holds backends to the laws, as long as the scope. `complaints` is what its console said. */
export const openLaws = Effect.gen(function* () {
  const script = yield* Effect.promise(() => bundledPage("test/browser/laws.ts"))
  const browser = yield* openBrowserWith(softwareGpu)
  const page = yield* Effect.promise(() => browser.newPage())
  const complaints: Array<string> = []
  page.on("pageerror", ({ message }) => complaints.push(message))
  page.on("console", (message) => complaints.push(message.text()))
  yield* Effect.promise(async () => {
    await page.route("**/*", (route) => {
      const { origin, pathname } = new URL(route.request().url())
      if (origin !== site) return route.abort()
      if (pathname === "/") return route.fulfill({ contentType: "text/html", body: html })
      if (pathname === "/laws.js") return route.fulfill({ contentType: "text/javascript", body: script })
      if (pathname.startsWith("/engine/")) return route.fulfill({ path: `${engine}${pathname.slice(7)}` })
      return route.fulfill({ status: 404 })
    })
    await page.goto(`${site}/`)
    await page.waitForFunction("globalThis.runLaws !== undefined")
  })
  const check = (asked: Asked) =>
    Effect.map(
      Effect.promise(() => page.evaluate(`runLaws(${JSON.stringify(asked)})`)),
      (answer) => Schema.decodeUnknownSync(Found)(answer)
    )
  return { check, complaints }
})
