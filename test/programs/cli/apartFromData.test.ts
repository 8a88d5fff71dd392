import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { apartFromData } from "../../../src/programs/cli/apartFromData.ts"

describe("--out", () => {
  it.effect("is refused where what is written would become data, by whatever path", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.makeDirectory(`${folder}/photos/cats`, { recursive: true })
      yield* fs.symlink(`${folder}/photos`, `${folder}/link`)
      const told = (out: string, directory = `${folder}/photos`) =>
        apartFromData({ kind: "folder", directory }, `${folder}/${out}`).pipe(
          Effect.match({ onFailure: ({ message }) => message, onSuccess: () => "apart" })
        )
      for (const out of ["photos", "photos/run", "photos/cats/new/run", "link/run", "other/../photos/run"]) {
        assert.match(
          yield* told(out),
          /^--out: .* lies in the folder of the images, .*photos, .*choose a folder outside/
        )
      }
      assert.match(yield* told("photos/run", `${folder}/link`), /^--out/)
      for (const out of ["run", "photos2", "photos-run/x", "photos/.runs/x"])
        assert.strictEqual(yield* told(out), "apart")
      assert.isUndefined(yield* apartFromData({ kind: "mnist" }, `${folder}/photos`))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
