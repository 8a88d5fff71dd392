import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerLeasedFolder, pointsFolder } from "../../../src/layers/queue/leasedFolder.ts"
import { pointOf } from "../../support/queues.ts"

describe("the folder of a point's run", () => {
  const held = (folder: string, token: number) =>
    Effect.map(Layer.build(layerLeasedFolder(folder, { token, point: pointOf("a") })), (context) =>
      Context.get(context, FileSystem.FileSystem)
    )

  it.live("takes nothing from a worker once a later lease has been laid into it, by whatever way it writes", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = `${yield* fs.makeTempDirectoryScoped()}/points/a`
      const first = yield* held(folder, 1)
      yield* first.writeFileString(`${folder}/one`, "first")
      const log = yield* first.open(`${folder}/log`, { flag: "a" })
      yield* log.writeAll(new TextEncoder().encode("before\n"))

      const second = yield* held(folder, 2)
      yield* second.writeFileString(`${folder}/one`, "second")
      const late = [
        first.writeFileString(`${folder}/one`, "late"),
        first.rename(`${folder}/log`, `${folder}/one`),
        first.remove(`${folder}/one`),
        log.writeAll(new TextEncoder().encode("late\n"))
      ]
      for (const change of late) {
        const error = yield* Effect.flip(change)
        assert.strictEqual(error.reason._tag, "PermissionDenied")
        assert.include(
          String(error.reason.cause),
          "point a is no longer that of lease 1: the lease 2 has been given out since"
        )
      }
      assert.strictEqual(yield* fs.readFileString(`${folder}/one`), "second")
      assert.strictEqual(yield* fs.readFileString(`${folder}/log`), "before\n")
      assert.isFalse((yield* fs.readDirectory(folder)).includes("lease-0000000001"))
      // Whoever comes too late to lay its token down is refused at once, and leaves the later one in charge.
      yield* Effect.flip(Effect.scoped(held(folder, 1)))
      yield* second.writeFileString(`${folder}/one`, "still second")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("the folder of points' runs", () => {
  it("is another for another store, so that two stores never write into one run", () => {
    assert.strictEqual(pointsFolder("sqlite:runs/sweeps.sqlite"), "runs/sweeps-points")
    assert.strictEqual(pointsFolder("sqlite:runs/other.sqlite"), "runs/other-points")
    assert.strictEqual(pointsFolder("sqlite:/data/mine"), "/data/mine-points")
    assert.isUndefined(pointsFolder("postgres://fovea@db/sweeps"))
  })
})
