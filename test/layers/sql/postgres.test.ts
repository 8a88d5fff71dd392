import * as NodeServices from "@effect/platform-node/NodeServices"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { layerSql } from "../../../src/layers/queue/sql.ts"
import { TrainingQueue } from "../../../src/layers/queue/TrainingQueue.ts"
import { StorePatience } from "../../../src/layers/sql/Database.ts"
import { layerPostgres, type PostgresOptions } from "../../../src/layers/sql/postgres.ts"
import { findPostgres, type PostgresServer, startPostgres } from "../../support/postgres.ts"
import { pointOf, workerOf } from "../../support/queues.ts"
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

  queueContract("postgres", layerSql.pipe(Layer.provide(inNewSchema)), 800)

  stateContract("postgres", inNewSchema)

  const opened = (options: PostgresOptions) =>
    Effect.flip(
      TrainingQueue.use(({ status }) => status).pipe(
        Effect.provide(layerSql.pipe(Layer.provide(layerPostgres(options)), Layer.provide(NodeServices.layer))),
        Effect.provideService(StorePatience, { patience: Duration.zero, answer: Duration.seconds(10) })
      )
    )

  it.live("is refused with a wrong password, which is not repeated, and with none", () =>
    Effect.gen(function* () {
      const error = yield* opened({ url: server.url({ user: "worker" }), password: Redacted.make("wrong-secret") })
      assert.include(error.message, `postgres://worker@127.0.0.1:${server.port}/postgres`)
      assert.include(error.message, "password authentication failed")
      assert.notInclude(JSON.stringify(error) + error.message + String(error.stack), "wrong-secret")
      const none = yield* opened({ url: server.url({ user: "worker" }) })
      assert.include(none.message, "it asks for a password: set PGPASSWORD, or name a file in PGPASSFILE")
    })
  )

  it.live(
    "is not made of a database that is not there, or holds something else, nor without the right to make tables",
    () =>
      Effect.gen(function* () {
        const missing = yield* opened({ url: server.url().replace("/postgres", "/nowhere") })
        assert.include(missing.message, 'database "nowhere" does not exist')
        const schema = schemas.pop() ?? ""
        server.query(`CREATE TABLE ${schema}.songs (title TEXT)`)
        const foreign = yield* opened({ url: server.url({ schema }) })
        assert.include(foreign.message, "it is no store of Fovea's, but holds a table songs")
        const forbidden = yield* opened({
          url: server.url({ user: "worker", schema: schemas.pop() ?? "" }),
          password: Redacted.make("right")
        })
        assert.include(forbidden.message, "no schema has been selected")
        const empty = yield* opened({ url: server.url({ schema: schemas.pop() ?? "" }), create: false })
        assert.include(empty.message, "it is empty. Submit a sweep to it first")
      })
  )

  it.live("is waited for while it is down: said once, and gone on with", () =>
    Effect.gen(function* () {
      const said: Array<string> = []
      const hears = Logger.make(({ message }) => said.push(String(message)))
      const store = Layer.provide(
        layerSql,
        Layer.provide(layerPostgres({ url: server.url({ schema: schemas.pop() ?? "" }) }), NodeServices.layer)
      )
      yield* Effect.gen(function* () {
        const queue = yield* TrainingQueue
        yield* queue.submit({ name: "s", plan: "{}" }, [pointOf("a")])
        const lease = Option.getOrThrow(yield* queue.claim(workerOf("w")))
        yield* Effect.promise(server.kill)
        const back = Effect.andThen(Effect.sleep("500 millis"), Effect.promise(server.start))
        yield* Effect.all([lease.finish("{}"), back], { concurrency: 2 })
        const [record] = yield* queue.results("s")
        assert.strictEqual(record?.state, "finished")
      }).pipe(Effect.provide([store, Logger.layer([hears])], { local: true }))
      const [first = "", second = "", ...more] = said
      assert.match(first, /^postgres:\/\/fovea@127\.0\.0\.1:\d+\/postgres does not answer: .+ Waiting for it\.$/)
      assert.match(second, /answers again, after \d+ seconds\.$/)
      assert.deepStrictEqual(more, [])
    })
  )
})
