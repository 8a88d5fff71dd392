import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { Browser, Page } from "playwright-core"
import sharp from "sharp"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { watchRuns } from "../../../src/programs/watch/watchRuns.ts"
import { openBrowser, withoutBrowser } from "../../support/browser.ts"

const absent = withoutBrowser("the page that follows runs was not opened in a browser")

const timeout = 120_000

const lineOf = (event: TrainingEvent): string =>
  `${checkedLine({ time: new Date(Date.now()).toISOString(), ...event })}\n`
const started = (name: string, batchSize: number): TrainingEvent => ({
  _tag: "Started",
  name,
  settings: { name, seed: 1, training: { batchSize } },
  update: 0,
  totalUpdates: 300,
  backend: "reference",
  parameters: 7
})
const progress = (update: number): TrainingEvent => ({
  _tag: "Progress",
  update,
  totalUpdates: 300,
  epoch: update / 100,
  metrics: { loss: 3 / update, "<b>accuracy</b>": update / 300 },
  updatesPerSecond: 5,
  secondsLeft: 60
})

/** A folder `a/b` with a run that goes on, by its log: images after 100 and 200 updates, and a warning. */
const madeRun = Effect.fnUntraced(function* (
  root: string,
  id: string,
  name: string,
  batchSize: number,
  fileAt = (update: number) => `figures/epoch-00${update / 100}/samples.png`
) {
  const fs = yield* FileSystem.FileSystem
  const folder = `${root}/${id}`
  let log = lineOf(started(name, batchSize))
  for (const update of [100, 200]) {
    log += lineOf(progress(update - 50)) + lineOf(progress(update))
    const file = fileAt(update)
    yield* fs.makeDirectory(`${folder}/${file.slice(0, file.lastIndexOf("/"))}`, { recursive: true })
    const image = sharp({
      create: { width: 64, height: 64, channels: 3, background: update === 100 ? "#444" : "#ddd" }
    })
    yield* Effect.promise(() => image.png().toFile(`${folder}/${file}`))
    log += lineOf({ _tag: "PictureWritten", update, path: `/elsewhere/${file}` })
  }
  log += lineOf({ _tag: "Warned", update: 150, message: "collapse: <i>all alike</i>" })
  yield* fs.writeFileString(`${folder}/log.jsonl`, log)
  return folder
})

/** Opens the page without any other network; what it complains of on its console is collected. */
const opened = async (browser: Browser, address: string, width: number, height: number) => {
  const context = await browser.newContext({ viewport: { width, height } })
  const page = await context.newPage()
  const complaints: Array<string> = []
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`))
  page.on("request", (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(address))
      complaints.push(`request: ${request.url()}`)
  })
  await page.goto(address)
  await page.locator(".run").first().waitFor()
  return { page, complaints, close: () => context.close() }
}

/** Waits until what an expression says in the page is so; the page's security policy forbids `waitForFunction`. */
const until = async (page: Page, expression: string): Promise<void> => {
  for (let waits = 0; waits < 200; waits++) {
    if (await page.evaluate(expression)) return
    await page.waitForTimeout(50)
  }
  assert.fail(`never came to be: ${expression}`)
}

const drawnCharts = `[...document.querySelectorAll(".plot canvas")].length`
const shownImages = `[...document.querySelectorAll("#images img")].filter((image) => image.complete && image.naturalWidth > 0).length`
const faults = `[
  ...[document.documentElement.scrollWidth].filter((width) => width > innerWidth).map((width) => "page as wide as " + width),
  ...[...document.querySelectorAll("button, input, select, textarea")]
    .filter((field) => !field.labels?.length && !field.getAttribute("aria-label") && !field.textContent.trim())
    .map((field) => "without a name: " + field.outerHTML),
  ...[...document.querySelectorAll("#images img:not([hidden])")].filter(({ alt }) => alt === "").map(({ src }) => "not described: " + src)
]`

describe.skipIf(absent)("the page that follows runs, in a browser", () => {
  it.live(
    "shows runs as they go on, at any update, and keeps what is written and told",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const root = yield* fs.makeTempDirectoryScoped()
        const hostile = `<img src=x onerror=alert(1)>`
        const first = yield* madeRun(root, "a/b", "mine", 20)
        yield* madeRun(root, "c", hostile, 40)
        yield* fs.makeDirectory(`${first}/commands`)
        const { host, pid } = yield* Effect.promise(async () => ({
          host: (await import("node:os")).hostname(),
          pid: process.pid
        }))
        // This process holds it: so the run goes on, and takes commands.
        yield* fs.writeFileString(`${first}/run.lock`, JSON.stringify({ id: "x", process: pid, host }))
        const address = yield* Deferred.make<string>()
        yield* Effect.forkScoped(
          watchRuns({ watched: root, host: "127.0.0.1", port: 0 }, (at) => Deferred.succeed(address, at))
        )
        const at = yield* Deferred.await(address)
        const browser = yield* openBrowser

        yield* Effect.promise(async () => {
          const { page, complaints, close } = await opened(browser, at, 1280, 900)
          await until(page, `${drawnCharts} === 2 && ${shownImages} === 2`)
          assert.deepStrictEqual(await page.evaluate(faults), [])
          assert.match((await page.locator("#standing").textContent()) ?? "", /^2 runs, 2 going on/)
          assert.strictEqual(await page.locator(".run label").nth(1).textContent(), `c (${hostile})`)
          assert.include((await page.locator("#notices").textContent()) ?? "", "collapse: <i>all alike</i>")
          assert.match((await page.locator("#settings table").first().textContent()) ?? "", /training\.batchSize2040/)

          // Back to the first image, by keyboard; then play to the end.
          await page.locator("#image-slider").press("Home")
          await until(
            page,
            `document.querySelector("#images figcaption").textContent === "a/b (mine) after 100 updates"`
          )
          await page.getByRole("button", { name: "Play" }).click()
          await until(page, `document.querySelector("#images figcaption").textContent.endsWith("after 200 updates")`)

          await page.locator(".plot").first().press("ArrowRight")
          assert.match((await page.locator("#reading").textContent()) ?? "", /^loss at update .*mine/)
          await page.getByRole("button", { name: "Log y" }).click()
          await page.getByRole("button", { name: "Zoom in" }).click()
          await page.getByLabel("Smoothing").fill("0.5")
          await page.locator("#curve-tools select").selectOption("time")

          await page.getByRole("textbox", { name: /^Notes/ }).fill("drawn <well>")
          await page.getByRole("button", { name: "Save the notes" }).click()
          await until(page, `document.querySelector("#run [role=status]").textContent.endsWith("done.")`)
          await page.getByRole("button", { name: "Stop the run" }).click()
          await page.getByRole("button", { name: "Really stop it?" }).click()
          await until(
            page,
            `document.querySelector("#run [role=status]").textContent === "Telling the run to stop, with a checkpoint: done."`
          )
          assert.deepStrictEqual(complaints, [])
          await close()
        })
        assert.strictEqual(yield* fs.readFileString(`${first}/notes.txt`), "drawn <well>")
        const commands = (yield* fs.readDirectory(`${first}/commands`)).filter((name) => name.endsWith(".json"))
        assert.strictEqual(yield* fs.readFileString(`${first}/commands/${commands[0]}`), '{"_tag":"Stop"}')

        const { page, complaints, close } = yield* Effect.promise(() => opened(browser, at, 390, 844))
        yield* Effect.promise(() => until(page, `${drawnCharts} > 0 && ${shownImages} === 2`))
        const last = lineOf(progress(300)) + lineOf({ _tag: "Finished", update: 300, seconds: 9 })
        yield* fs.writeFileString(`${root}/c/log.jsonl`, (yield* fs.readFileString(`${root}/c/log.jsonl`)) + last)
        // A point of a sweep: its folder is a digest, and all of its images are its samples.
        const point = "0123456789abcdef0123456789abcdef"
        yield* madeRun(
          root,
          point,
          "grid: model.units 8, seed 1",
          1,
          (update: number) => `figures/update-0000${update}.png`
        )
        yield* Effect.promise(async () => {
          await until(page, `document.querySelectorAll(".state.finished").length === 1`)
          await until(page, `document.querySelectorAll(".run").length === 3`)
          const box = page.getByRole("checkbox", { name: "grid: model.units 8, seed 1" })
          await page.getByRole("button", { name: "None" }).click()
          await box.check()
          await until(page, `${shownImages} === 1 && document.querySelector("#image-slider").max === "1"`)
          assert.deepStrictEqual(await page.locator("#image-tools option").allTextContents(), ["samples"])
          assert.deepStrictEqual(await page.evaluate(faults), [])
          assert.deepStrictEqual(complaints, [])
          await close()
        })
      }).pipe(Effect.provide(NodeServices.layer)),
    timeout
  )
})
