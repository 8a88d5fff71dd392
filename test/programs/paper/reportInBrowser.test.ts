import { pathToFileURL } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { Browser } from "playwright-core"
import sharp from "sharp"
import type { Results } from "../../../src/domain/paper/report/Results.ts"
import { writeReport } from "../../../src/programs/paper/writeReport.ts"
import { openBrowser, withoutBrowser } from "../../support/browser.ts"
import { figuresOf, resultsFixture, systemsFixture } from "../../support/resultsFixture.ts"

const absent = withoutBrowser("the report was not opened in a browser")

const timeout = 120_000

const names = ["3", "4", "6", "8", "9", "10"].map((number) => `figure-${number}.png`)

/** A report on made-up results, with images of the real ones' sizes; the path of its page. */
const madeReport = Effect.fnUntraced(function* (root: string, change: (results: Results) => Results) {
  const blank = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#444" } })
  for (const name of names) {
    yield* Effect.promise(() => blank(897, 951).png().toFile(`${root}/${name}`))
  }
  yield* Effect.promise(() => blank(602, 331).webp({ lossless: true }).toFile(`${root}/figure-6.webp`))
  const figures = figuresOf([...names, "figure-6.webp"].map((name) => `../${name}`))
  const experiments = resultsFixture().experiments.map((run) => (run.name === "paper" ? { ...run, figures } : run))
  const results = change(resultsFixture({ experiments, missing: ["figure 5 is not drawn here"] }))
  const { page } = yield* writeReport({ results, folder: `${root}/report`, logs: [] })
  return page
})

/** Opens a page without any network; what it complains of on its console, or asks of the network, is collected. */
const opened = async (browser: Browser, path: string, width: number, height: number) => {
  const context = await browser.newContext({
    viewport: { width, height },
    offline: true,
    reducedMotion: "no-preference"
  })
  const page = await context.newPage()
  const complaints: Array<string> = []
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`))
  page.on("dialog", (dialog) => void dialog.dismiss().finally(() => complaints.push("dialog")))
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`request: ${request.url()}`)
  })
  await page.goto(pathToFileURL(path).href)
  return { page, complaints, close: () => context.close() }
}

/**
 * Where a page is at fault, if it is: images that do not show, a page wider than the screen, links that lead nowhere.
 * As texts, since what runs in a browser is not checked against Node's types.
 */
const faults = `[
  ...[...document.images].filter((image) => !image.complete || image.naturalWidth === 0).map(({ alt }) => "not shown: " + alt),
  ...[document.documentElement.scrollWidth].filter((width) => width > innerWidth).map((width) => "page as wide as " + width),
  ...[...document.querySelectorAll("a")].map(({ hash }) => hash).filter((hash) => document.querySelector(hash) === null)
]`
const measuresOnTop = `Math.abs(document.querySelector("#measures").getBoundingClientRect().top) < 60`

describe.skipIf(absent)("the report in a browser", () => {
  it.effect(
    "shows everything and overflows nowhere on a phone and on a desk",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const root = yield* fs.makeTempDirectoryScoped()
        const path = yield* madeReport(root, (results) => results)
        const browser = yield* openBrowser
        yield* Effect.promise(async () => {
          for (const [width, height] of [
            [360, 740],
            [1280, 900]
          ] as const) {
            const { page, complaints, close } = await opened(browser, path, width, height)
            assert.strictEqual(await page.locator("img").count(), 7)
            assert.deepStrictEqual(await page.evaluate(faults), [])
            const badges = page.locator(".claims .badge")
            assert.strictEqual(await badges.count(), 6)
            for (const badge of await badges.all()) assert.isTrue(await badge.isVisible())
            assert.strictEqual(await page.locator(".charts svg").count(), 6)
            const link = page.locator('nav a[href="#measures"]')
            await link.click()
            // The page's security policy forbids the evaluation that `waitForFunction` does; scrolling is smooth.
            for (let waits = 0; waits < 100 && !(await page.evaluate(measuresOnTop)); waits++)
              await page.waitForTimeout(50)
            assert.isTrue(await page.evaluate(measuresOnTop))
            await page.screenshot({ path: `${root}/page.png` })
            assert.deepStrictEqual(complaints, [])
            await close()
          }
        })
        assert.isAbove(Number((yield* fs.stat(`${root}/page.png`)).size), 10_000)
      }).pipe(Effect.provide(NodeServices.layer)),
    timeout
  )

  it.effect(
    "shows systems side by side, and overflows nowhere, on a phone and on a desk",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const root = yield* fs.makeTempDirectoryScoped()
        const path = yield* madeReport(root, (results) => ({ ...results, ...systemsFixture("../figure-4.png") }))
        const browser = yield* openBrowser
        yield* Effect.promise(async () => {
          for (const [width, height] of [
            [390, 844],
            [1280, 900]
          ] as const) {
            const { page, complaints, close } = await opened(browser, path, width, height)
            assert.deepStrictEqual(await page.evaluate(faults), [])
            assert.strictEqual(await page.locator("#systems .gallery img").count(), 6)
            assert.strictEqual(await page.locator("#systems .claims .badge").count(), 2)
            assert.strictEqual(await page.locator("#systems .trainings tbody tr").count(), 6)
            assert.match((await page.locator("#systems .trainings").textContent()) ?? "", /DCGAN1,234,56712\.3/)
            assert.deepStrictEqual(complaints, [])
            await close()
          }
        })
      }).pipe(Effect.provide(NodeServices.layer)),
    timeout
  )

  it.effect(
    "says hostile texts as texts, however long, and runs nothing of them",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const root = yield* fs.makeTempDirectoryScoped()
        const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script></style></td></table>&lt;${"x".repeat(400)}`
        const path = yield* madeReport(root, (results) => ({
          ...results,
          name: hostile,
          machine: { ...results.machine, processor: hostile },
          dataset: { name: hostile, digests: { [hostile]: hostile } },
          claims: results.claims.map((claim) => ({
            ...claim,
            statement: hostile,
            reason: hostile,
            measures: [{ name: hostile, value: 1 }]
          })),
          experiments: results.experiments.map((run) => ({
            ...run,
            name: `${run.name}${hostile}`,
            settings: { [hostile]: hostile, name: `${run.name}` },
            metrics: { [hostile]: 1 },
            figures: run.figures.map((figure) => ({ ...figure, caption: hostile }))
          })),
          missing: [hostile]
        }))
        const browser = yield* openBrowser
        yield* Effect.promise(async () => {
          const { page, complaints, close } = await opened(browser, path, 360, 740)
          assert.strictEqual(await page.locator("script").count(), 0)
          assert.deepStrictEqual(await page.evaluate(faults), [])
          assert.strictEqual(await page.locator(".notice li").textContent(), hostile)
          assert.strictEqual(await page.locator(".claims td p").first().textContent(), hostile)
          assert.deepStrictEqual(complaints, [])
          await close()
        })
      }).pipe(Effect.provide(NodeServices.layer)),
    timeout
  )
})
