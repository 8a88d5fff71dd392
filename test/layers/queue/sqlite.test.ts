import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { layerSqlite } from "../../../src/layers/sql/sqlite.ts"
import { queueContract } from "./queueContract.ts"
import { stateContract } from "./stateContract.ts"

const inScratch = Layer.unwrap(
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-queue-" })
    return layerSqlite({ file: `${folder}/deep/store.sqlite` })
  })
).pipe(Layer.provide(NodeServices.layer))

queueContract("sqlite", layerSql.pipe(Layer.provide(inScratch)), 500)
stateContract("sqlite", inScratch)
