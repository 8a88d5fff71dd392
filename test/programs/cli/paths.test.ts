import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { homePath } from "../../../src/programs/cli/paths.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { fovea, inFolder, messageOf, writeConfig } from "./commandLine.ts"

const env = (variables: Record<string, string>) => ConfigProvider.layer(ConfigProvider.fromEnv({ env: variables }))

describe("homePath", () => {
  it.effect("takes a leading ~ for the home folder, and nothing else", () =>
    Effect.gen(function* () {
      const paths = ["~", "~/x y", "~/~", "./~/x", "a/~/b", "x~", "/~", ""]
      assert.deepStrictEqual(yield* Effect.forEach(paths, homePath), [
        "/home/$&",
        "/home/$&/x y",
        "/home/$&/~",
        "./~/x",
        "a/~/b",
        "x~",
        "/~",
        ""
      ])
    }).pipe(Effect.provide(env({ HOME: "/home/$&" })))
  )

  it.effect("refuses ~user, and ~ where no home folder is known, with a way to name what is meant", () =>
    Effect.gen(function* () {
      for (const path of ["~root/x", "~backup", "~~", "~+", "~-/x"]) {
        assert.include(yield* Effect.flip(homePath(path)), `not ~user; of a name that begins with ~ write ./${path}`)
      }
      assert.include(yield* Effect.flip(homePath("~/x")), "HOME is not set")
      const windows = Effect.provide(homePath("~\\x"), env({ USERPROFILE: "C:\\me" }))
      assert.strictEqual(yield* windows, "C:\\me\\x")
    }).pipe(Effect.provide(env({})))
  )
})

describe("fovea with a ~ that no shell saw", () => {
  it.live("makes no folder named ~: in flags, behind a kind of data, in settings, in arguments", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, tinyJson)
        const trained = yield* fovea("train", "--config", config, "--updates", "1", "--out=~/run")
        assert.strictEqual(trained.code, 0, trained.stderr)
        assert.isTrue(yield* fs.exists(`${folder}/run/log.jsonl`))
        assert.isFalse(yield* fs.exists("~"))
        const replayed = yield* fovea("replay", "~/run")
        assert.include(replayed.stdout, "the same to the bit")
        const verified = yield* fovea("verify", "~/run")
        assert.strictEqual(verified.code, 0, verified.stderr)

        const out = ["--out", `${folder}/other`] as const
        const flag = messageOf(yield* fovea("train", "--dataset=cifar10:~/none", ...out))
        assert.include(flag, `${folder}/none: there is no such folder`)
        const inSettings = yield* writeConfig(folder, { dataset: { kind: "idx", directory: "~/none" } })
        assert.include(messageOf(yield* fovea("train", "--config", inSettings, ...out)), `${folder}/none: there is no`)
        const user = yield* writeConfig(folder, { dataset: { kind: "idx", directory: "~me/x" } })
        assert.include(
          messageOf(yield* fovea("train", "--config", user, ...out)),
          'dataset.directory: found "~me/x"; expected a path in full: only ~/ is read as a home folder, not ~user'
        )
        const refused = yield* fovea("train", "--config", config, "--out=~me/x")
        assert.strictEqual(refused.code, 2)
        assert.include(refused.stderr, "of a name that begins with ~ write ./~me/x")
        assert.isFalse(yield* fs.exists("~me"))
      }).pipe(Effect.provide(env({ HOME: folder })))
    )
  )
})
