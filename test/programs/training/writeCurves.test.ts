import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerSharp } from "../../../src/layers/image/sharp.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { writeCurves } from "../../../src/programs/training/writeCurves.ts"

const layers = Layer.provideMerge(layerSharp, NodeServices.layer)

describe("writeCurves", () => {
  it.effect("draws a panel for each list of metrics of the run's log, and nothing for a run without one", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const panels = { Losses: ["lossOfD", "lossOfG"], Quality: ["distance"] }
      yield* writeCurves(folder, panels)
      assert.deepStrictEqual(yield* fs.readDirectory(folder), [])

      yield* Effect.gen(function* () {
        const log = yield* TrainingLog
        for (const update of [1, 2, 3]) {
          const metrics = { lossOfD: update, lossOfG: -update, distance: 1 / update }
          const speed = { updatesPerSecond: 1, secondsLeft: 0 }
          yield* log.record({ _tag: "Progress", update, totalUpdates: 3, epoch: update, metrics, ...speed })
        }
      }).pipe(Effect.provide(layerJsonLines(`${folder}/log.jsonl`)))
      yield* writeCurves(folder, panels)
      const svg = yield* fs.readFileString(`${folder}/learning-curves.svg`)
      for (const text of ["Losses", "Quality", "lossOfD", "lossOfG", "distance"]) assert.include(svg, `>${text}<`)
      assert.isAbove((yield* fs.readFile(`${folder}/learning-curves.png`)).length, 1000)
    }).pipe(Effect.scoped, Effect.provide(layers))
  )
})
