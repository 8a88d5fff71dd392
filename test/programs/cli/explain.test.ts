import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { fovea, inFolder, trainedRun, usageOf } from "./commandLine.ts"

const mine = fileURLToPath(new URL("ownModule.ts", import.meta.url))

const Cost = Schema.Struct({ primitives: Schema.Int, flop: Schema.Number })
const Explained = Schema.fromJsonString(
  Schema.Struct({
    name: Schema.String,
    written: Cost,
    rewritten: Cost,
    program: Schema.Array(
      Schema.Struct({
        text: Schema.String,
        calls: Schema.Array(Schema.Struct({ file: Schema.String, line: Schema.Int }))
      })
    )
  })
)

const explained = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { code, stdout, stderr } = yield* fovea("explain", ...args, "--json")
    assert.strictEqual(code, 0, stderr)
    return yield* Effect.orDie(Schema.decodeUnknownEffect(Explained)(stdout))
  })

describe("fovea explain", () => {
  it.effect("explains presets, whose primitives are fewer after rewriting and come from lines of the model", () =>
    Effect.gen(function* () {
      for (const args of [
        ["--preset", "vae"],
        ["--set", "model.glimpses=1"]
      ]) {
        const { written, rewritten, program } = yield* explained(...args)
        assert.isBelow(rewritten.primitives, written.primitives)
        assert.isAtMost(rewritten.flop, written.flop * 1.001)
        const known = program.filter(({ calls }) => calls.some(({ file }) => /^fovea\/(model|experiment)\//.test(file)))
        assert.isAbove(known.length, 0.95 * program.length)
      }
    })
  )

  it.effect("explains a module's training by the lines of the module, in a table and with the program", () =>
    Effect.gen(function* () {
      const { name, program } = yield* explained(mine)
      assert.strictEqual(name, "mean image")
      const files = new Set(program.map(({ calls }) => calls[0]?.file))
      assert.deepStrictEqual([...files], ["test/programs/cli/ownModule.ts"])
      const { stdout } = yield* fovea("explain", mine, "--program")
      assert.match(stdout, /test\/programs\/cli\/ownModule\.ts:12 +\d+ +\d/)
      assert.match(stdout, /^%1 = \S+\(.*: \[.*ownModule\.ts:12$/m)
    })
  )

  it.effect("explains the settings of a checkpoint, and of flags and a config file", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const ofRun = yield* explained("--checkpoint", yield* trainedRun(folder))
        const config = `${folder}/config.json`
        assert.deepStrictEqual(yield* explained("--config", config), ofRun)
        const other = yield* explained("--config", config, "--set", "training.batchSize=2")
        assert.notStrictEqual(other.rewritten.flop, ofRun.rewritten.flop)

        const own = yield* fovea("train", mine, "--out", `${folder}/own`, "--quiet")
        assert.strictEqual(own.code, 0, own.stderr)
        const refused = usageOf(yield* fovea("explain", "--checkpoint", `${folder}/own`))
        assert.match(
          refused,
          /--checkpoint: .* made by a program of its user's own \("mean image"\): explain its module/
        )
      })
    )
  )

  it.effect("says of what is no program that it is none: a usage error", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const module = `${folder}/module.mjs`
        const cases = [
          ["export const x = 1", "it exports nothing by default"],
          ["export default 7", "its default export, a number, is no program"],
          [
            "export default { program: { name: 'x' }, data: {}, updates: 1, seed: 1 }",
            "its default export, an object, is no program"
          ]
        ]
        for (const [i, [text = "", problem = ""]] of cases.entries()) {
          const path = module.replace("module", `module${i}`)
          yield* Effect.orDie(fs.writeFileString(path, text))
          const message = usageOf(yield* fovea("explain", path))
          assert.include(message, path)
          assert.include(message, problem)
          assert.include(message, "Program.make")
        }
        assert.include(usageOf(yield* fovea("explain", "README.md")), "expected a module")
        assert.include(usageOf(yield* fovea("explain", mine, "--checkpoint", folder)), "contradicts")
        assert.include(
          usageOf(yield* fovea("explain", mine, "--set", "model.glimpses=2")),
          `--set: goes with a preset: ${mine} says itself what it trains`
        )
        // What changes nothing of what an update costs is no flag of it.
        for (const flag of ["--keep-last", "--on-collapse", "--seed", "--shards", "--learning-rate", "--update"]) {
          assert.include(usageOf(yield* fovea("explain", flag, "1")), `fovea explain has no flag ${flag}`)
        }
      })
    )
  )

  it.effect("measures kernels on the backend that is asked for, and writes a page with all of it", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        for (const [backend, how] of [
          [
            "onnxruntime",
            /^onnxruntime-cpu, by ONNX Runtime's profiler, medians of \d+ steps on one thread: [\d.]+ ms a step, [\d.]+ ms/m
          ],
          ["tfjs-wasm", /^tfjs-wasm, by a clock around each kernel, medians of \d+ steps: /m],
          ["reference", /^reference, by a clock around each primitive in float64, medians of \d+ steps: /m]
        ] as const) {
          const page = `${folder}/${backend}.html`
          const { code, stdout, stderr } = yield* fovea(
            "explain",
            mine,
            "--profile",
            "--backend",
            backend,
            "--html",
            page
          )
          assert.strictEqual(code, 0, stderr)
          assert.match(stdout, how)
          const measured = stdout.slice(stdout.search(how))
          assert.match(measured, /^sigmoid +1 +\d/m)
          const html = yield* Effect.orDie(fs.readFileString(page))
          for (const anchor of ["calls", "parts", "time", "lines", "memory", "rules", "program"]) {
            assert.include(html, `<section id="${anchor}">`)
          }
          assert.strictEqual(html.match(/<svg/g)?.length, 3)
          assert.include(html, "test/programs/cli/ownModule.ts:12")
          assert.notMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/)
        }
        assert.deepStrictEqual((yield* Effect.orDie(fs.readDirectory(folder))).length, 3)
        assert.include(
          usageOf(yield* fovea("explain", mine, "--backend", "reference")),
          "--backend: goes with --profile"
        )
      })
    )
  )
})
