import { hostname } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

describe("a folder that another run holds", () => {
  it.live("is refused to every command that writes into it, and left as it was", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const source = `${folder}/source`
        yield* fovea("train", "--config", config, "--out", source)
        const held = `${folder}/held`
        yield* fs.makeDirectory(held)
        const lock = JSON.stringify({ id: "another", process: process.pid, host: hostname() })
        yield* fs.writeFileString(`${held}/run.lock`, lock)
        const parameters = `${source}/checkpoints/update-00000012/tensors.safetensors`
        for (const command of [
          ["train", "--config", config, "--out", held],
          ["reproduce", "--quick", "--out", held],
          ["report", "--quick", "--out", held],
          ["import", "--parameters", parameters, "--like", source, "--out", held]
        ]) {
          const message = messageOf(yield* fovea(...command))
          assert.include(message, `${held} is in use by process ${process.pid} on ${hostname()}: wait`, command[0])
          assert.deepStrictEqual(yield* fs.readDirectory(held), ["run.lock"])
          assert.strictEqual(yield* fs.readFileString(`${held}/run.lock`), lock)
        }
      })
    )
  )
})
