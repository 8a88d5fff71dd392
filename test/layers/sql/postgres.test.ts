import * as NodeServices from "@effect/platform-node/NodeServices"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { StorePatience } from "../../../src/layers/sql/Database.ts"
import { layerPostgres, type PostgresOptions } from "../../../src/layers/sql/postgres.ts"
import { findPostgres, type PostgresServer, startPostgres } from "../../support/postgres.ts"
import { queueContract } from "../queue/queueContract.ts"
import { stateContract } from "../queue/stateContract.ts"

const installed = findPostgres()
if (typeof installed === "string") console.log(`The tests of the store in Postgres are skipped: ${installed}.`)

describe.skipIf(typeof installed === "string")("a store in Postgres", () => {
  let server: PostgresServer
  // One schema for each store: faster than one database.
  const schemas = Array.from({ length: 100 }, (_, index) => `s${index}`)
  beforeAll(async () => {
    if (typeof installed === "string") return
    server = await startPostgres(installed)
    server.query(schemas.map((schema) => `CREATE SCHEMA ${schema};`).join("\n"))
  }, 120_000)
  afterAll(() => server?.remove())

  const inNewSchema = Layer.unwrap(
    Effect.sync(() => layerPostgres({ url: server.url({ schema: schemas.pop() ?? "" }) }))
  ).pipe(Layer.provide(NodeServices.layer))

  queueContract("postgres", layerSql.pipe(Layer.provide(inNewSchema)), 400)

  stateContract("postgres", inNewSchema)

  const opened = (options: PostgresOptions) =>
    Effect.flip(
      TrainingQueue.use(({ status }) => status).pipe(
        Effect.provide(layerSql.pipe(Layer.provide(layerPostgres(options)), Layer.provide(NodeServices.layer))),
        Effect.provideService(StorePatience, { patience: Duration.zero, answer: Duration.seconds(10) })
      )
    )

  it.live("is refused with a wrong password, which is not repeated", () =>
    Effect.gen(function* () {
      const error = yield* opened({ url: server.url({ user: "worker" }), password: Redacted.make("wrong-secret") })
      assert.include(error.message, `postgres://worker@127.0.0.1:${server.port}/postgres`)
      assert.include(error.message, "password authentication failed")
      assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), "wrong-secret")
    })
  )
})
