import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

describe("fovea windows", () => {
  it.effect("refuses a model that does not draw through windows, and one image", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, {
          name: "tiny",
          dataset: { kind: "synthetic", count: 8, height: 4, width: 4 },
          training: { updates: 1, batchSize: 4 }
        })
        const trained = yield* fovea("train", "--preset", "baseline", "--config", config, "--out", `${folder}/run`)
        assert.strictEqual(trained.stderr, "")
        const windows = (count: string) => fovea("windows", "--checkpoint", `${folder}/run`, "--count", count)
        assert.match(
          messageOf(yield* windows("5")),
          /^windows on ink: goodfellow-gan: it does not draw through windows$/
        )
        assert.match((yield* windows("1")).stderr, /a whole number from 2 to 5000/)
      })
    )
  )
})
