import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

describe("fovea train --keep-...", () => {
  it.live("keeps the last, those of every so many epochs, and the best by a metric", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const train = (name: string, ...flags: ReadonlyArray<string>) =>
          Effect.gen(function* () {
            const out = `${folder}/${name}`
            const ended = yield* fovea("train", "--config", config, "--epochs", "5", "--out", out, ...flags)
            assert.strictEqual(ended.code, 0, ended.stderr)
            const names = (yield* fs.readDirectory(`${out}/checkpoints`)).sort()
            return yield* Effect.forEach(names, (name) =>
              Effect.map(fs.readFileString(`${out}/checkpoints/${name}/manifest.json`), (text) => JSON.parse(text))
            )
          })
        const all = yield* train("all", "--keep-last", "5")
        assert.deepStrictEqual(
          all.map(({ update }) => update),
          [6, 12, 18, 24, 30]
        )
        const lossOf = ({ metrics }: (typeof all)[number]): number => metrics.generatorLoss
        const highest = all.reduce((best, one) => (lossOf(one) >= lossOf(best) ? one : best)).update
        const kept = yield* train(
          "kept",
          "--keep-last",
          "1",
          "--keep-every",
          "2",
          "--keep-best",
          "highest:generatorLoss"
        )
        assert.deepStrictEqual(
          kept.map(({ update }) => update),
          [...new Set([12, 24, 30, highest])].sort((left, right) => left - right)
        )
      })
    )
  )

  it.live("wants a whole number, from the flag and from the settings", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, { reporting: { keepCheckpoints: { last: 0 } } })
        const train = (...args: ReadonlyArray<string>) => fovea("train", ...args, "--out", `${folder}/run`)
        assert.include(messageOf(yield* train("--config", config)), "reporting.keepCheckpoints.last")
        for (const flag of ["--keep-last", "--keep-every"]) {
          for (const value of ["0", "-1", "2.5", "two"]) {
            const { code, stderr } = yield* train(`${flag}=${value}`)
            assert.notStrictEqual(code, 0)
            assert.include(stderr, "a whole number of at least 1")
            assert.include(stderr, flag)
          }
        }
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["config.json"])
      })
    )
  )
})
