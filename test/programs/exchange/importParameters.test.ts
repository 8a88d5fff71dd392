import { writeFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { encodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { fovea, inFolder, messageOf, writeConfig } from "../cli/commandLine.ts"
import { assertSameBits } from "../training/tinyExperiment.ts"

const newest = (run: string) =>
  Effect.flatMap(CheckpointStore, ({ latest }) => latest).pipe(
    Effect.map(Option.getOrThrow),
    Effect.provide(layerFileSystem({ directory: `${run}/checkpoints` }), { local: true })
  )

/** A tiny trained run in a folder, and its newest state. */
const trained = Effect.fnUntraced(function* (folder: string) {
  const config = yield* writeConfig(folder)
  const run = `${folder}/run`
  const { code, stderr } = yield* fovea("train", "--config", config, "--out", run)
  assert.strictEqual(code, 0, stderr)
  return { config, run, checkpoint: yield* newest(run) }
})

describe("fovea import", () => {
  it.effect("makes a checkpoint with the same bits of what a checkpoint holds, which goes on training", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { config, run, checkpoint } = yield* trained(folder)
        const file = `${run}/checkpoints/update-00000012/tensors.safetensors`
        const out = `${folder}/imported`
        const ended = yield* fovea("import", "--parameters", file, "--like", run, "--out", out)
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.strictEqual(ended.stdout, `${out}/checkpoints/update-00000012`)
        const imported = yield* newest(out)
        assertSameBits(imported.tensors, checkpoint.tensors)
        const { metrics, createdAt, ...described } = imported.description
        const { metrics: _, createdAt: __, environment: ___, ...expected } = checkpoint.description
        assert.deepStrictEqual(described, expected)
        assert.deepStrictEqual(metrics, {})
        assert.match(createdAt, /Z$/)
        const further = yield* fovea("train", "--config", config, "--updates", "13", "--out", out)
        assert.strictEqual(further.code, 0, further.stderr)
      })
    )
  )

  it.effect("replaces the parts that the file holds, bit by bit, and keeps the others", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { run, checkpoint } = yield* trained(folder)
        const generator = Object.fromEntries(
          Object.entries(checkpoint.tensors).flatMap(([path, { shape, values }]) =>
            path.startsWith("generator.")
              ? [
                  [
                    path,
                    tensorData(
                      shape,
                      Float32Array.from(values, (_, i) => (i === 0 ? -0 : i / 7))
                    )
                  ]
                ]
              : []
          )
        )
        writeFileSync(`${folder}/g.safetensors`, encodeSafetensors(generator, { from: "elsewhere" }))
        const args = ["--parameters", `${folder}/g.safetensors`, "--like", run, "--out", `${folder}/imported`]
        assert.strictEqual((yield* fovea("import", ...args)).code, 0)
        assertSameBits((yield* newest(`${folder}/imported`)).tensors, { ...checkpoint.tensors, ...generator })
        // A second time there is something to lose.
        const again = messageOf(yield* fovea("import", ...args))
        assert.match(again, /imported\/checkpoints cannot be imported: it holds checkpoints of updates 12/)
      })
    )
  )

  it.effect("refuses what does not fit, and names the tensor", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { run, checkpoint } = yield* trained(folder)
        const file = `${folder}/given.safetensors`
        const refusal = Effect.fnUntraced(function* (bytes: Uint8Array) {
          writeFileSync(file, bytes)
          const args = ["--parameters", file, "--like", run, "--out", `${folder}/imported`]
          return messageOf(yield* fovea("import", ...args))
        })
        const { "generator.patch.bias": bias, ...others } = checkpoint.tensors
        assert.isDefined(bias)
        if (bias === undefined) return
        const withBias = (shape: ReadonlyArray<number>, values: Float32Array | Float64Array) =>
          encodeSafetensors({ ...others, "generator.patch.bias": tensorData(shape, values) })
        const start = `${file} cannot be imported: tensor "generator.patch.bias": expected [9], found`
        assert.include(yield* refusal(encodeSafetensors(others)), `${start} nothing`)
        assert.include(yield* refusal(withBias([3, 3], Float32Array.from(bias.values))), `${start} [3, 3]`)
        const thirds = withBias(
          [9],
          Float64Array.from(bias.values, (_, i) => i / 3)
        )
        const advised = yield* refusal(thirds)
        assert.include(
          advised,
          `"generator.patch.bias": its number ${1 / 3} at [1] is no float32 number; --allow-rounding`
        )
        const nan = withBias([9], Float32Array.from(bias.values).fill(Number.NaN))
        assert.include(yield* refusal(nan), '"generator.patch.bias": expected finite numbers, found NaN')
        const unknown = encodeSafetensors({ ...checkpoint.tensors, "generator.patch.bais": bias })
        assert.include(yield* refusal(unknown), 'tensor "generator.patch.bais": expected one of')
        assert.include(yield* refusal(encodeSafetensors({})), "found no tensors at all")
        const args = ["--parameters", file, "--like", run, "--out", `${folder}/imported`]
        writeFileSync(file, thirds)
        // The advice leads to a checkpoint; so do float64 numbers that float32 holds.
        assert.strictEqual((yield* fovea("import", ...args, "--allow-rounding")).code, 0)
        const [, bytes] = [writeFileSync(file, withBias([9], Float64Array.from(bias.values))), `${folder}/wide`]
        assert.strictEqual((yield* fovea("import", "--parameters", file, "--like", run, "--out", bytes)).code, 0)
        assertSameBits((yield* newest(bytes)).tensors, checkpoint.tensors)
        const huge = new Uint8Array(16).fill(0xff)
        assert.match(yield* refusal(huge), /Not a readable safetensors file: header: its length/)
        const nowhere = yield* fovea("import", "--parameters", file, "--like", `${folder}/none`, "--out", `${folder}/x`)
        assert.match(messageOf(nowhere), /^--like: there is no file or folder/)
      })
    )
  )
})

describe("fovea export", () => {
  it.effect("writes both players and says where", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const { run } = yield* trained(folder)
        const out = `${folder}/onnx`
        const ended = yield* fovea("export", "--checkpoint", run, "--format", "onnx", "--out", out, "--trajectory")
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.strictEqual(ended.stdout, `${out}/generator.onnx\n${out}/discriminator.onnx`)
        const nothing = yield* fovea("export", "--checkpoint", folder, "--out", out)
        assert.match(messageOf(nothing), /--checkpoint: .* is no run, but holds a run: name .*run$/)
      })
    )
  )
})
