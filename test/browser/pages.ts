// How fast the pages are in headless Chromium: that of the paper's generator, and the lesson.
import { mkdtempSync, rmSync } from "node:fs"
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { fovea } from "../programs/cli/commandLine.ts"
import { openBrowser } from "../support/browser.ts"

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN

/** From opening to the first picture, and then ten samples, in milliseconds. */
const playing = async (page: Page, path: string): Promise<readonly [opening: number, drawing: number]> => {
  const began = performance.now()
  await page.goto(pathToFileURL(path).href)
  await page.waitForSelector("html[data-ready]")
  const opening = performance.now() - began
  const times: Array<number> = []
  for (let i = 0; i < 15; i++) {
    const before = await page.locator("html").getAttribute("data-drawn")
    await page.getByRole("button", { name: "Draw anew" }).click()
    await page.locator(`html:not([data-drawn="${before}"])`).waitFor({ state: "attached" })
    times.push(Number(await page.locator("#status").getAttribute("data-milliseconds")))
  }
  return [opening, median(times.slice(5))]
}

const rateOf = (page: Page): Promise<string | null> => page.locator("html").getAttribute("data-rate")

/** Updates a second of both nets after they have run for a while. */
const learning = async (page: Page, path: string): Promise<readonly [plane: string | null, digits: string | null]> => {
  await page.goto(pathToFileURL(path).href)
  await page.waitForTimeout(20_000)
  const plane = await rateOf(page)
  await page.getByRole("button", { name: "Digits, by attention" }).click()
  await page.waitForTimeout(30_000)
  return [plane, await rateOf(page)]
}

/** Prints how fast the pages are here. */
export const measurePages = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "fovea-pages-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  for (const args of [
    ["train", "--preset", "paper", "--updates", "1", "--out", `${folder}/run`],
    ["export", "--checkpoint", `${folder}/run`, "--format", "web", "--out", `${folder}/play.html`],
    ["lesson", "--out", `${folder}/lesson.html`]
  ]) {
    const { code, stderr } = yield* fovea(...args)
    if (code !== 0) return yield* Effect.die(new Error(stderr))
  }
  const browser = yield* openBrowser
  const page = yield* Effect.promise(() => browser.newPage())
  const [opening, drawing] = yield* Effect.promise(() => playing(page, `${folder}/play.html`))
  const [plane, digits] = yield* Effect.promise(() => learning(page, `${folder}/lesson.html`))
  const load = loadavg()[0] ?? 0
  yield* Console.log(
    [
      `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, load ${load.toFixed(1)}`,
      `the paper's generator: first picture after ${opening.toFixed(0)} ms, ten samples in ${drawing.toFixed(1)} ms`,
      `the lesson: ${plane} updates a second in the plane, ${digits} of digits`
    ].join("\n")
  )
}).pipe(Effect.scoped)
