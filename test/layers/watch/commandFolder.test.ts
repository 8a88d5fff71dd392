import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerRunCommands } from "../../../src/layers/watch/commandFolder.ts"
import { RunCommands } from "../../../src/layers/watch/RunCommands.ts"
import { obeysCommands, sendCommand } from "../../../src/layers/watch/runFiles.ts"

const inRun = <A, E>(
  test: (run: {
    readonly fs: FileSystem.FileSystem
    readonly folder: string
  }) => Effect.Effect<A, E, NodeServices.NodeServices | import("effect/Scope").Scope>
) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* test({ fs, folder: yield* fs.makeTempDirectoryScoped() })
  }).pipe(Effect.provide(NodeServices.layer))

describe("the commands of a run", () => {
  it.effect("are given once, in the order in which they were sent", () =>
    inRun(({ fs, folder }) =>
      Effect.gen(function* () {
        const place = { root: folder, folder }
        assert.isFalse(yield* obeysCommands(place))
        yield* Effect.gen(function* () {
          const { take } = yield* RunCommands
          assert.isTrue(yield* obeysCommands(place))
          yield* sendCommand(place, { _tag: "Checkpoint" })
          assert.deepStrictEqual(yield* take, [{ _tag: "Checkpoint" }])
          assert.deepStrictEqual(yield* take, [])
          // The clock of this test stands still: names tell the order only where times do.
          yield* fs.writeFileString(`${folder}/commands/2.json`, '{"_tag":"Stop"}')
          yield* fs.writeFileString(`${folder}/commands/1.json`, '{"_tag":"Cadence","of":"images","everyUpdates":5}')
          assert.deepStrictEqual(yield* take, [{ _tag: "Cadence", of: "images", everyUpdates: 5 }, { _tag: "Stop" }])
        }).pipe(Effect.provide(layerRunCommands(folder)))
        assert.isFalse(yield* obeysCommands(place))
      })
    )
  )

  it.effect("are forgotten if they were sent to a run before", () =>
    inRun(({ fs, folder }) =>
      Effect.gen(function* () {
        yield* fs.makeDirectory(`${folder}/commands`)
        yield* fs.writeFileString(`${folder}/commands/1.json`, '{"_tag":"Stop"}')
        const { take } = yield* Effect.provideContext(RunCommands, yield* Layer.build(layerRunCommands(folder)))
        assert.deepStrictEqual(yield* take, [])
      })
    )
  )

  it.effect("are nothing else: what is no command, too large, a link or a folder is removed and not obeyed", () =>
    inRun(({ fs, folder }) =>
      Effect.gen(function* () {
        const { take } = yield* Effect.provideContext(RunCommands, yield* Layer.build(layerRunCommands(folder)))
        const at = `${folder}/commands`
        yield* fs.writeFileString(`${folder}/stop`, '{"_tag":"Stop"}')
        yield* fs.symlink(`${folder}/stop`, `${at}/link.json`)
        yield* fs.makeDirectory(`${at}/folder.json`)
        yield* fs.writeFileString(`${at}/large.json`, `{"_tag":"Stop"}${" ".repeat(5000)}`)
        yield* fs.writeFileString(`${at}/other.json`, '{"_tag":"Erase"}')
        yield* fs.writeFileString(`${at}/more.json`, '{"_tag":"Stop","now":true}')
        yield* fs.writeFileString(`${at}/torn.json`, '{"_tag":')
        yield* fs.writeFileString(`${at}/.1.json.tmp`, '{"_tag":"Stop"}')
        assert.deepStrictEqual(yield* take, [])
        assert.deepStrictEqual(yield* fs.readDirectory(at), [".1.json.tmp"])
        assert.isTrue(yield* fs.exists(`${folder}/stop`))
      })
    )
  )
})
