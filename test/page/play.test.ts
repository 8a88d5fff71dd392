import { pathToFileURL } from "node:url"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { drawnSteps, plainCells } from "../../src/domain/image/drawnSteps.ts"
import { linear, linearParameters } from "../../src/domain/nn/linear.ts"
import { initialState, make } from "../../src/domain/program/Program.ts"
import { sigmoid } from "../../src/domain/tensor/elementwise.ts"
import { oneHot } from "../../src/domain/tensor/indices.ts"
import { concatenate, reshape } from "../../src/domain/tensor/movement.ts"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { openCheckpoint } from "../../src/programs/checkpoint/openCheckpoint.ts"
import { exportSamplerPage } from "../../src/programs/exchange/exportPage.ts"
import { runSampler } from "../../src/programs/sampling/runSampler.ts"
import { sampleTrajectories } from "../../src/programs/sampling/Sampling.ts"
import { fovea, inFolder, usageOf, writeConfig } from "../programs/cli/commandLine.ts"
import { openBrowser, tooWide, withoutBrowser } from "../support/browser.ts"

const absent = withoutBrowser("the page of a generator was not played with in a browser")

/** The pixels of a canvas, a character for each of red, green and blue. */
type Pixels = string

/** Those of every canvas; as text, because what runs in a page is not checked against Node's types. */
const pixelsOf = async (page: Page): Promise<ReadonlyArray<Pixels>> =>
  page.evaluate(
    `[...document.querySelectorAll("canvas")].map((c) => [...c.getContext("2d").getImageData(0, 0, c.width, c.height).data]
      .filter((_, i) => i % 4 < 3).map((value) => String.fromCharCode(value)).join(""))`
  )

const drawnOf = (page: Page) => page.locator("html").getAttribute("data-drawn")

/** The pixels when the page has drawn again, as a user's action makes it. */
const drawnAnew = async (page: Page, act: () => Promise<unknown>): Promise<ReadonlyArray<Pixels>> => {
  const before = await drawnOf(page)
  await act()
  await page.locator(`html:not([data-drawn="${before}"])`).waitFor({ state: "attached" })
  return pixelsOf(page)
}

/** Every pixel within one of 255: float32 in another order. */
const assertSame = (found: Pixels = "", expected: ArrayLike<number> = [], what: string) => {
  const furthest = Array.from(expected).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - found.charCodeAt(i))),
    Math.abs(found.length - expected.length)
  )
  assert.isAtMost(furthest, 1, what)
}

const codesOf = (pixels: Pixels = ""): ReadonlyArray<number> => Array.from(pixels, (each) => each.charCodeAt(0))

const openPage = Effect.fnUntraced(function* (path: string) {
  const browser = yield* openBrowser
  const page = yield* Effect.promise(() => browser.newPage({ viewport: { width: 1280, height: 900 } }))
  const complaints: Array<string> = []
  page.on("pageerror", ({ message }) => complaints.push(message))
  page.on("console", (message) => complaints.push(message.text()))
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && request.url() !== pathToFileURL(path).href)
      complaints.push(request.url())
  })
  yield* Effect.promise(async () => {
    await page.goto(pathToFileURL(path).href)
    await page.waitForSelector("html[data-ready]")
  })
  return { page, complaints }
})

describe.skipIf(absent)("fovea export --format web", () => {
  it.live(
    "makes a page that draws what the library samples, step by step, and is operated by hand and keyboard",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const [run, path] = [`${folder}/run`, `${folder}/page.html`]
          const trained = yield* fovea("train", "--config", yield* writeConfig(folder), "--out", run)
          assert.strictEqual(trained.code, 0, trained.stderr)
          const exported = yield* fovea("export", "--checkpoint", run, "--format", "web", "--out", path)
          assert.strictEqual(exported.code, 0, exported.stderr)
          assert.match(exported.stdout, /page\.html: 5\.\d MB, of which 5\.\d MB are the engine/)
          const both = ["export", "--checkpoint", run, "--format", "web", "--out", path, "--trajectory"]
          assert.match(usageOf(yield* fovea(...both)), /^--trajectory: a page/)

          const { model, tensors } = yield* openCheckpoint.pipe(
            Effect.provide(layerFileSystem({ directory: `${run}/checkpoints` }))
          )
          const options = { count: 10, seed: 0 }
          const sampled = yield* sampleTrajectories(model, tensors, options).pipe(Effect.provide(layerReference))
          const [start, ...canvases] = sampled.canvases
          if (start === undefined) return assert.fail("no canvases")
          const expected = [
            plainCells(start, 32),
            ...drawnSteps({ canvases, windows: sampled.windows }, { filters: 3, scale: 32 })
          ]

          const { page, complaints } = yield* openPage(path)
          yield* Effect.promise(async () => {
            const step = page.getByRole("slider", { name: "Step", exact: true })
            for (const t of [2, 1, 0]) {
              const found = t === 2 ? await pixelsOf(page) : await drawnAnew(page, () => step.press("ArrowLeft"))
              found.forEach((pixels, i) => {
                assertSame(pixels, expected[t]?.[i]?.pixels, `sample ${i} at step ${t}`)
              })
            }
            assert.strictEqual(await step.getAttribute("aria-valuetext"), "0 of 2")
            assert.match((await page.locator("canvas").first().getAttribute("aria-label")) ?? "", /^Sample 1 before/)
            await page.getByRole("button", { name: "Play" }).press("Enter")
            await page.getByText("2 of 2").waitFor()
            assert.match((await page.locator("canvas").first().getAttribute("aria-label")) ?? "", /window about column/)
            const plain = await pixelsOf(page)

            const only = () => page.getByRole("button", { name: "Step 2: only this one random" }).click()
            const second = await drawnAnew(page, only)
            const first = await drawnAnew(page, () => step.press("ArrowLeft"))
            assert.strictEqual(first[0], first[9], "after step 1 nothing random has happened")
            assert.notStrictEqual(second[0], second[9], "after step 2 it has")
            await drawnAnew(page, () => step.press("ArrowRight"))
            const back = await drawnAnew(page, () => page.getByRole("button", { name: "As trained" }).click())
            assert.deepStrictEqual(back, plain)

            await page.getByLabel("to sample").selectOption("3")
            const way = await drawnAnew(page, () => page.getByLabel("Show the way").check())
            assertSame(way[0], codesOf(plain[0]), "the way begins at one sample")
            assertSame(way[9], codesOf(plain[2]), "and ends at another")
            await drawnAnew(page, () => page.getByLabel("Show the way").uncheck())

            await page.getByRole("button", { name: /^Sample 4/ }).click()
            await page.getByText("Single random numbers of a sample").click()
            const number = page.locator(".numbers").getByRole("slider").first()
            const moved = await drawnAnew(page, () => number.press("End"))
            assert.deepStrictEqual(
              moved.map((pixels, i) => pixels !== plain[i]),
              moved.map((_, i) => i === 3)
            )

            await page.getByLabel("Seed").fill("-1")
            assert.strictEqual(await page.getByLabel("Seed").getAttribute("aria-invalid"), "true")
            await drawnAnew(page, () => page.getByRole("button", { name: "Draw anew" }).click())
            const again = await drawnAnew(page, () => page.getByLabel("Seed").fill("0"))
            assert.deepStrictEqual(again, plain)

            assert.deepStrictEqual(await tooWide(page), [])
          })
          assert.deepStrictEqual(complaints, [])
        })
      ),
    120_000
  )

  const classes = 3
  const sampler = (count: number) =>
    make("shades of a class", {
      state: { line: linearParameters(2 + classes, 12) },
      inputs: { label: [count] },
      step: ({ line }, { label }, key) => {
        const z = key("z").normal([count, 2])
        const drawn = sigmoid(linear(line, concatenate([z, oneHot(label, classes)], 1)))
        return { outputs: { images: reshape(drawn, [count, 1, 3, 4]) } }
      }
    })

  it.live(
    "makes a page of one's own sampler, which is asked for classes in turn",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          const path = `${folder}/own.html`
          const tensors = initialState(sampler(1), 5)
          yield* exportSamplerPage(sampler, tensors, { path, update: 7 })
          const label = Float32Array.from({ length: 100 }, (_, i) => [2, 0][i % 2] ?? 0)
          const inputs = { label: { shape: [100], values: label } }
          const { images } = yield* runSampler(sampler(100), tensors, { count: 100, seed: 0, inputs }).pipe(
            Effect.provide(layerReference)
          )
          const cells = plainCells(images, 49)
          const { page, complaints } = yield* openPage(path)
          yield* Effect.promise(async () => {
            const asked = await drawnAnew(page, () => page.getByLabel("label, in turn").fill("2 0"))
            asked.forEach((pixels, i) => {
              assertSame(pixels, cells[i]?.pixels, `sample ${i}`)
            })
            await page.getByLabel("label, in turn").fill("one")
            assert.strictEqual(await page.getByLabel("label, in turn").getAttribute("aria-invalid"), "true")
            assert.strictEqual(await page.getByRole("slider", { name: "Step" }).count(), 0)
          })
          assert.deepStrictEqual(complaints, [])
        })
      ),
    120_000
  )

  it.effect("says what of a sampler a page cannot show", () =>
    Effect.gen(function* () {
      const wide = (count: number) =>
        make("wide", {
          state: { line: linearParameters(2, 5) },
          step: ({ line }, _, key) => ({ outputs: { y: linear(line, key("z").normal([count, 2])) } })
        })
      const failure = exportSamplerPage(wide, initialState(wide(1), 1), { path: "/nowhere/page.html", update: 1 })
      const { message } = yield* Effect.flip(failure)
      assert.match(
        message,
        /^wide cannot be exported: a page shows images .* and it gives "y" \[1, 5\] for a batch of 1$/
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
