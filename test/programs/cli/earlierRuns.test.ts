import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { decodeNpy } from "../../../src/domain/data/npy.ts"
import { fovea, inFolder } from "./commandLine.ts"

/** Runs of two updates by the version of November 2026, before its names were changed; `samples.npy` are two images of each. */
const earlier = fileURLToPath(new URL("../../fixtures/earlierRuns", import.meta.url))

describe("a run of an earlier version", () => {
  for (const kind of ["paper", "modern", "draw", "vae", "dcgan", "goodfellow"]) {
    it.effect(`of ${kind} is read whole, gives the images that it gave, and goes on`, () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const run = `${folder}/${kind}`
          yield* fs.copy(`${earlier}/${kind}`, run)
          const verified = yield* fovea("verify", run)
          assert.strictEqual(verified.code, 0, verified.stderr)
          assert.include(verified.stdout, "intact       log.jsonl")

          const sampled = yield* fovea("sample", "--checkpoint", run, "--count", "2", "--out", `${folder}/now.npy`)
          assert.strictEqual(sampled.code, 0, sampled.stderr)
          const numbersOf = (path: string) =>
            Effect.flatMap(fs.readFile(path), (bytes) => Effect.fromResult(decodeNpy(bytes)))
          const [then, now] = [yield* numbersOf(`${run}/samples.npy`), yield* numbersOf(`${folder}/now.npy`)]
          assert.deepStrictEqual(now.shape, [2, 12, 12])
          now.values.forEach((value, i) => {
            assert.closeTo(Number(value), Number(then.values[i]), 1e-4)
          })

          const log = yield* fs.readFileString(`${run}/log.jsonl`)
          const { settings } = JSON.parse(log.slice(0, log.indexOf("\n")))
          const longer = { ...settings, training: { ...settings.training, updates: 3 } }
          yield* fs.writeFileString(`${folder}/settings.json`, JSON.stringify(longer))
          const wentOn = yield* fovea("train", "--config", `${folder}/settings.json`, "--out", run)
          assert.strictEqual(wentOn.code, 0, wentOn.stderr)
          assert.isTrue(yield* fs.exists(`${run}/checkpoints/update-00000003`))
        })
      )
    )
  }
})
