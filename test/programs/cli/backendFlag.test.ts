import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EngineName } from "../../../src/layers/backend/selection/engineNames.ts"
import { engineLayers } from "../../../src/layers/backend/selection/engines.ts"
import { backendOf } from "../../../src/programs/cli/backendFlag.ts"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

const names =
  "onnxruntime, onnxruntime:cuda, onnxruntime:webgpu, tfjs-node-gpu, tfjs-node, tfjs-wasm, tfjs-cpu, reference, auto"

/** The backend of a flag, or none, in an environment. */
const chosen = (flag: string | undefined, environment: Readonly<Record<string, string>>) =>
  backendOf(Option.fromUndefinedOr(flag)).pipe(
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(environment)))
  )

describe("--backend and FOVEA_BACKEND", () => {
  it.effect("the flag goes before the variable, and the variable before onnxruntime", () =>
    Effect.gen(function* () {
      const expect = Effect.fnUntraced(function* (
        flag: string | undefined,
        environment: Readonly<Record<string, string>>,
        name: EngineName
      ) {
        assert.strictEqual(yield* chosen(flag, environment), engineLayers[name])
      })
      yield* expect(undefined, {}, "onnxruntime")
      yield* expect(undefined, { FOVEA_BACKEND: "" }, "onnxruntime")
      yield* expect(undefined, { FOVEA_BACKEND: "tfjs-wasm" }, "tfjs-wasm")
      yield* expect("reference", { FOVEA_BACKEND: "tfjs-wasm" }, "reference")
      yield* expect("reference", { FOVEA_BACKEND: "nonsense" }, "reference")
    })
  )

  it.effect("an unknown name is refused with the list of names, and it is said who gave it", () =>
    Effect.gen(function* () {
      const message = (flag: string | undefined, environment: Readonly<Record<string, string>>) =>
        Effect.map(Effect.flip(chosen(flag, environment)), (error) => error.message)
      assert.strictEqual(
        yield* message("cuda", { FOVEA_BACKEND: "reference" }),
        `--backend: there is no backend "cuda", but ${names}`
      )
      assert.strictEqual(
        yield* message(undefined, { FOVEA_BACKEND: "gpu" }),
        `FOVEA_BACKEND: there is no backend "gpu", but ${names}`
      )
    })
  )

  it.live("every command that runs programs has the flag, and refuses before it does anything", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const out = `${folder}/out`
        for (const args of [
          ["train", "--config", config, "--out", out],
          ["reproduce", "--out", out],
          ["report", "--out", out],
          ["sample", "--checkpoint", folder, "--out", `${out}.png`],
          ["evaluate", "--samples", folder]
        ]) {
          const message = messageOf(yield* fovea(...args, "--backend", "nonsense"))
          assert.include(message, `--backend: there is no backend "nonsense", but ${names}`, args[0])
        }
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["config.json"])
      })
    )
  )

  it.live("a run goes on another backend as it would on its own", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder)
        const train = (backend: string, updates: string) =>
          fovea("train", "--config", config, "--out", `${folder}/run`, "--backend", backend, "--updates", updates)
        assert.strictEqual((yield* train("reference", "2")).code, 0)
        assert.strictEqual((yield* train("tfjs-cpu", "4")).code, 0)
        assert.include(yield* fs.readDirectory(`${folder}/run/checkpoints`), "update-00000004")
        const sheet = ["--out", `${folder}/sheet.png`]
        assert.strictEqual(
          (yield* fovea("sample", "--checkpoint", `${folder}/run`, ...sheet, "--backend", "reference")).code,
          0
        )
      })
    )
  )
})
