import { request } from "node:http"
import { pathToFileURL } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerPageServer } from "../../src/layers/page/pageServer.ts"
import { layerHttpServer, listeningPort } from "../../src/layers/watch/httpServer.ts"
import { fovea, inFolder } from "../programs/cli/commandLine.ts"
import { openBrowser, tooWide, withoutBrowser } from "../support/browser.ts"

const absent = withoutBrowser("the lesson was not given in a browser")

describe.skipIf(absent)("fovea lesson", () => {
  it.live(
    "trains both nets in the page, and does what a visitor asks for",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const path = `${folder}/lesson.html`
          const written = yield* fovea("lesson", "--out", path)
          assert.strictEqual(written.code, 0, written.stderr)
          const browser = yield* openBrowser
          const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 1280, height: 900 } }))
          const complaints: Array<string> = []
          page.on("pageerror", ({ message }) => complaints.push(message))
          page.on("console", (message) => complaints.push(message.text()))
          page.on("request", (asked) => {
            if (!/^(data|blob|file):/.test(asked.url())) complaints.push(asked.url())
          })
          const updates = () => page.locator("html").getAttribute("data-update").then(Number)
          const press = (name: string) => page.getByRole("button", { name, exact: true }).press("Enter")
          /** When the page shows this update. */
          const at = (update: number) => page.locator(`html[data-update="${update}"]`).waitFor({ state: "attached" })
          yield* Effect.promise(async () => {
            await page.goto(pathToFileURL(path).href)
            await page.getByText(/^update \d+ .* of 8 Gaussians found/).waitFor({ timeout: 60_000 })
            await press("Pause")
            await page.getByRole("button", { name: "Play", exact: true }).waitFor()
            // What was under way when it was pressed is still shown.
            await page.waitForTimeout(300)
            const paused = await updates()
            for (const n of [1, 2]) {
              await press("Step")
              await at(paused + n)
            }
            const d = page.getByRole("slider", { name: "Learning rate of D" })
            await press("Cause a collapse")
            assert.strictEqual(await d.getAttribute("aria-valuetext"), "0: stands still")
            await press("Step")
            await at(paused + 3)
            await press("Let D learn again")
            assert.strictEqual(await d.getAttribute("aria-valuetext"), "0.0010")
            // Paused or not, what begins anew is seen.
            await press("Reset")
            await at(1)
            assert.match((await page.locator("canvas").getAttribute("aria-label")) ?? "", /^\d of 8 Gaussians found; /)

            await press("Digits, by attention")
            await page.getByText(/^update 1 .* loss of D/).waitFor()
            const first = page.locator("canvas").first()
            assert.strictEqual(await page.locator("canvas").count(), 12)
            assert.match((await first.getAttribute("aria-label")) ?? "", /^Sample 1 after step 5 of 5: window about/)
            await page.getByRole("slider", { name: "Step shown" }).press("Home")
            assert.strictEqual(await first.getAttribute("aria-label"), "Sample 1 before the first of 5 steps")
            assert.deepStrictEqual(await tooWide(page), [])
          })
          assert.deepStrictEqual(complaints, [])
        })
      ),
    120_000
  )
})

/** What a server answers to a request under a name. */
const answerOf = (port: number, host: string, path: string) =>
  Effect.callback<{ readonly status: number; readonly body: string }>((resume) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, (answer) => {
      let body = ""
      answer.setEncoding("utf8").on("data", (text: string) => {
        body += text
      })
      answer.on("end", () => resume(Effect.succeed({ status: answer.statusCode ?? 0, body })))
    })
    asked.end()
  })

describe("the lesson's server", () => {
  it.live("gives its page to this machine alone, under this machine's names, and nothing else", () =>
    Effect.gen(function* () {
      const port = yield* listeningPort
      assert.deepStrictEqual(yield* answerOf(port, `127.0.0.1:${port}`, "/"), { status: 200, body: "<p>page</p>" })
      assert.strictEqual((yield* answerOf(port, `localhost:${port}`, "/")).status, 200)
      const stranger = yield* answerOf(port, "evil.example", "/")
      assert.strictEqual(stranger.status, 403)
      assert.notInclude(stranger.body, "page</p>")
      assert.strictEqual((yield* answerOf(port, `127.0.0.1:${port}`, "/../package.json")).status, 404)
    }).pipe(
      Effect.provide(
        layerPageServer("<p>page</p>").pipe(Layer.provideMerge(layerHttpServer({ host: "127.0.0.1", port: 0 })))
      ),
      Effect.provide(NodeServices.layer)
    )
  )
})
