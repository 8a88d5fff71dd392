import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { InferenceSession } from "onnxruntime-node"
import { decodeNpy, encodeNpy } from "../../../src/domain/data/npy.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { fovea, inFolder } from "./commandLine.ts"

const asking = fileURLToPath(new URL("askingModule.ts", import.meta.url))
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

  it.effect("gives its sampler what it asks for: a class or a number for all, or a file with a row a sample", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const trained = yield* fovea("train", asking, "--out", `${folder}/run`)
        assert.strictEqual(trained.code, 0, trained.stderr)
        const shifts = tensorData([4], Float32Array.of(0, 1, 2, 3))
        yield* fs.writeFile(`${folder}/shifts.npy`, encodeNpy(shifts))
        const sample = (...args: ReadonlyArray<string>) =>
          fovea("sample", "--module", asking, "--checkpoint", `${folder}/run`, "--out", `${folder}/s.npy`, ...args)
        const given = ["--input", "class=2", "--input", `shift=${folder}/shifts.npy`]
        const drawn = yield* sample("--count", "4", ...given)
        assert.strictEqual(drawn.code, 0, drawn.stderr)
        const { shape, values } = yield* Effect.fromResult(decodeNpy(yield* fs.readFile(`${folder}/s.npy`)))
        assert.deepStrictEqual(shape, [4, 8, 8])
        const first = [0, 64, 128, 192].map((at) => values[at] ?? 0)
        assert.deepStrictEqual(first, first.toSorted())
        assert.strictEqual(new Set(first).size, 4)

        const refusals = [
          [
            [],
            `the sampler's input "class" [samples, 3] is missing: give --input class=FILE.npy, or class=3 for class 3`
          ],
          [
            ["--input", "class=3", "--input", "shift=0"],
            "class=3: expected FILE.npy with [4, 3] numbers, or a class of 0 to 2"
          ],
          [
            ["--input", "label=3"],
            '"label" is no input of the sampler, which has input "class" [samples, 3], input "shift"'
          ],
          [["--count", "5", ...given], "shifts.npy holds [4] numbers, but 5 samples take [5]"],
          [["--input", "class=1", "--input", `shift=${folder}/none.npy`], "none.npy"]
        ] as const
        for (const [args, message] of refusals) {
          const refused = yield* sample(...(args[0] === "--count" ? [] : ["--count", "4"]), ...args)
          assert.notStrictEqual(refused.code, 0)
          assert.include(refused.stderr, message)
        }

        const data = { kind: "synthetic", height: 8, width: 8, count: 40 }
        yield* fs.writeFileString(`${folder}/data.json`, JSON.stringify(data))
        const evaluated = yield* fovea(
          ...[
            "evaluate",
            "--module",
            asking,
            "--checkpoint",
            `${folder}/run`,
            "--input",
            "class=0",
            "--input",
            "shift=1"
          ],
          ...["--count", "12", "--dataset", `${folder}/data.json`, "--classifier", "none", "--json"]
        )
        assert.strictEqual(evaluated.code, 0, evaluated.stderr)
        assert.match(JSON.parse(evaluated.stdout).source, /run, update 2, random numbers of seed 3$/)
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
