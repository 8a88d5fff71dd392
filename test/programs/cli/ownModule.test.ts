import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { InferenceSession } from "onnxruntime-node"
import { decodeNpy } from "../../../src/domain/data/npy.ts"
import { fovea, inFolder } from "./commandLine.ts"

const mine = fileURLToPath(new URL("ownModule.ts", import.meta.url))

describe("a module of one's own on the command line", () => {
  it.effect("is trained, goes on, shows its result, and is sampled and exported by its sampler", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = `${folder}/run`
        const trained = yield* fovea("train", mine, "--out", run)
        assert.strictEqual(trained.code, 0, trained.stderr)
        assert.include(trained.stdout, "shown: image.parameters.mean")
        const wentOn = yield* fovea("train", mine, "--out", run, "--updates", "6")
        assert.strictEqual(wentOn.code, 0, wentOn.stderr)
        const straight = yield* fovea("train", mine, "--out", `${folder}/straight`, "--updates", "6", "--quiet")
        assert.strictEqual(straight.code, 0, straight.stderr)
        const tensorsOf = (of: string) => fs.readFile(`${of}/checkpoints/update-00000006/tensors.safetensors`)
        assert.deepStrictEqual(yield* tensorsOf(run), yield* tensorsOf(`${folder}/straight`))

        const of = ["--module", mine, "--checkpoint", run]
        const grid = yield* fovea("sample", ...of, "--out", `${folder}/samples.png`)
        assert.strictEqual(grid.code, 0, grid.stderr)
        const numbers = yield* fovea("sample", ...of, "--count", "5", "--out", `${folder}/samples.npy`)
        assert.include(numbers.stdout, "5 samples of update 6")
        const npy = yield* Effect.fromResult(decodeNpy(yield* fs.readFile(`${folder}/samples.npy`)))
        assert.deepStrictEqual(npy.shape, [5, 8, 8])

        const exported = yield* fovea("export", ...of, "--out", `${folder}/exported`)
        assert.strictEqual(exported.code, 0, exported.stderr)
        const session = yield* Effect.promise(() => InferenceSession.create(`${folder}/exported/sampler.onnx`))
        assert.deepStrictEqual([session.inputNames, session.outputNames], [["noise"], ["images"]])
      })
    )
  )

  it.effect("takes no flags of the bundled systems, and leaves no folder then", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const preset = yield* fovea("train", mine, "--preset", "paper", "--out", `${folder}/run`)
        assert.strictEqual(preset.code, 2)
        assert.include(preset.stderr, "--preset: goes with the bundled systems")
        assert.isFalse(yield* fs.exists(`${folder}/run`))
      })
    )
  )
})
