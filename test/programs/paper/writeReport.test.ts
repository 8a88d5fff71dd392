import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import sharp from "sharp"
import { readResults } from "../../../src/programs/paper/readResults.ts"
import { writeReport } from "../../../src/programs/paper/writeReport.ts"
import { experimentOf, figuresOf, resultsFixture } from "../../support/resultsFixture.ts"

const log = [1, 2, 3]
  .map((update) =>
    JSON.stringify({
      time: "2026-11-23T22:23:52.969Z",
      _tag: "Progress",
      update,
      totalUpdates: 3,
      epoch: update / 3,
      metrics: { discriminatorLoss: 1 / update, generatorLoss: update, realAccuracy: 0.5, generatedAccuracy: 0.5 },
      updatesPerSecond: 1,
      secondsLeft: 0
    })
  )
  .join("\n")

/** A folder `run` with two images, something that is none, and a log; `report` is to be made. */
const world = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const root = yield* fs.makeTempDirectoryScoped()
  const png = yield* Effect.promise(() =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: "#b22" } })
      .png()
      .toBuffer()
  )
  yield* fs.makeDirectory(`${root}/run`)
  yield* fs.writeFile(`${root}/run/figure-4.png`, png)
  yield* fs.writeFile(`${root}/run/figure-8.png`, png.subarray(0, 20))
  yield* fs.writeFileString(`${root}/run/log.jsonl`, log)
  const figures = figuresOf(["../run/figure-4.png", "../run/figure-8.png", "../run/figure-9.png"])
  const results = resultsFixture({ experiments: [experimentOf("paper", 0.8, { figures })] })
  return { fs, root, png, results, folder: `${root}/report` }
})

describe("writeReport", () => {
  it.effect("writes the page with its images and curves, and the results to be read back", () =>
    Effect.gen(function* () {
      const { fs, root, png, results, folder } = yield* world
      const logs = [{ name: "paper", seed: 0, path: `${root}/run/log.jsonl` }]
      const written = yield* writeReport({ results, folder, logs })
      const page = yield* fs.readFileString(written.page)
      assert.include(page, `src="data:image/png;base64,${png.toString("base64")}" width="40" height="30"`)
      assert.include(page, "Proposed model, seed 0")
      assert.include(page, "loss (nats)")
      assert.deepStrictEqual(yield* readResults(written.results), results)
      assert.sameMembers(yield* fs.readDirectory(folder), ["index.html", "results.json"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("goes on without images that cannot be read, and says so", () =>
    Effect.gen(function* () {
      const { fs, results, folder } = yield* world
      const { lost, page } = yield* writeReport({ results, folder, logs: [] })
      assert.deepStrictEqual(
        lost.map(({ path }) => path),
        ["../run/figure-8.png", "../run/figure-9.png"]
      )
      assert.include(lost[0]?.reason, "cut short")
      assert.include(lost[1]?.reason, "ENOENT")
      assert.include(yield* fs.readFileString(page), "The image ../run/figure-8.png could not be read.")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("passes over a log that is not there, and over one of another training", () =>
    Effect.gen(function* () {
      const { fs, root, results, folder } = yield* world
      const logs = [
        { name: "paper", seed: 0, path: `${root}/nowhere.jsonl` },
        { name: "paper", seed: 1, path: `${root}/run/log.jsonl` }
      ]
      const { page } = yield* writeReport({ results, folder, logs })
      assert.notInclude(yield* fs.readFileString(page), "Learning curves")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("fails where it cannot write, naming the file", () =>
    Effect.gen(function* () {
      const { results, root } = yield* world
      const error = yield* Effect.flip(writeReport({ results, folder: `${root}/run/figure-4.png/report`, logs: [] }))
      assert.include(error.message, "report/results.json cannot be written")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("readResults", () => {
  it.effect("names the file that is not there", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(readResults("nowhere/results.json"))
      assert.match(error.message, /^nowhere\/results\.json: cannot be read: ENOENT/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("reads the published results", () =>
    Effect.gen(function* () {
      const { experiments } = yield* readResults("docs/reproduction/results.json")
      assert.isAtLeast(experiments.length, 4)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
