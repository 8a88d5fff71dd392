import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import { passwordFor, passwordIn, placeOf } from "../../../src/layers/sql/postgresPassword.ts"

describe("the address of a Postgres", () => {
  it.effect("names user, host, port and database in messages", () =>
    Effect.gen(function* () {
      const place = yield* placeOf("postgresql://ada@db.example/sweeps?sslmode=require")
      assert.strictEqual(place.location, "postgres://ada@db.example:5432/sweeps")
      assert.strictEqual(
        (yield* placeOf("postgres:///x?host=/run/pg&port=6000&user=ada")).location,
        "postgres://ada@/run/pg:6000/x"
      )
    })
  )

  it.effect("with a password in it is refused, and the password is not repeated", () =>
    Effect.gen(function* () {
      for (const url of [
        "postgres://ada:s3cret@host/x",
        "postgres://ada@host/x?password=s3cret",
        "postgres://ada@host/x?PASSWORD=s3cret"
      ]) {
        const error = yield* Effect.flip(placeOf(url))
        assert.include(error.message, "set PGPASSWORD or name a file in PGPASSFILE")
        assert.notInclude(JSON.stringify(error) + error.message, "s3cret")
      }
    })
  )

  it.effect("with a password that ends it too early is refused, and no part of it is repeated", () =>
    Effect.gen(function* () {
      for (const sign of ["/", "?", "#"]) {
        const error = yield* Effect.flip(placeOf(`postgres://ada:12${sign}s3cret@host/x`))
        assert.include(error.message, "PGPASSWORD")
        assert.notMatch(error.message, /s3cret|:12/)
      }
    })
  )

  it.effect("without a user is refused where the environment names none, instead of being waited for", () =>
    Effect.gen(function* () {
      const { PGUSER, USER } = process.env
      delete process.env["PGUSER"]
      delete process.env["USER"]
      const error = yield* Effect.flip(placeOf("postgres://host/x"))
      Object.assign(process.env, { ...(PGUSER !== undefined && { PGUSER }), ...(USER !== undefined && { USER }) })
      assert.include(error.message, "names no user")
    })
  )

  it.effect("that is none is refused, and not repeated", () =>
    Effect.gen(function* () {
      for (const url of [
        "postgres://[s3cret",
        "mysql://ada:s3cret@host/x",
        "postgres:ada:s3cret@host/x",
        "postgres://%zz@host/x",
        ""
      ]) {
        const error = yield* Effect.flip(placeOf(url))
        assert.include(error.message, "must be postgres://USER@HOST:PORT/DATABASE")
        assert.notInclude(error.message, "s3cret")
      }
    })
  )
})

describe("a file of passwords", () => {
  const place = Effect.runSync(placeOf("postgres://ada@db.example:6000/sweeps"))
  const found = (...lines: ReadonlyArray<string>) => passwordIn(lines.join("\n"), place)

  it("gives that of the first line that fits", () => {
    assert.strictEqual(
      found("# db.example:6000:sweeps:ada:no", "other:6000:sweeps:ada:no", "*:*:sweeps:ada:yes", "*:*:*:*:late"),
      "yes"
    )
    assert.strictEqual(found("db.example:6000:sweeps:ada:a\\:b\\\\c"), "a:b\\c")
    assert.strictEqual(found("db.example:6000:sweeps:ada:", "*:*:*:*:x"), "")
    assert.isUndefined(found("db.example:6000:sweeps:bob:x", "db.example:6000", ""))
  })

  const withFile = <A, E>(mode: number, use: (file: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* fs.makeTempDirectoryScoped()}/pgpass`
      yield* fs.writeFileString(file, "*:*:*:ada:from the file\n", { mode })
      return yield* use(file)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

  /** With these variables of the environment, and without them afterwards. */
  const environment = <A, E, R>(variables: Readonly<Record<string, string>>, use: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => Object.assign(process.env, variables)),
      () => use,
      () =>
        Effect.sync(() => {
          for (const name of Object.keys(variables)) delete process.env[name]
        })
    )

  it.effect("is read where PGPASSFILE names it, unless PGPASSWORD is set", () =>
    withFile(0o600, (file) =>
      Effect.gen(function* () {
        const read = (variables: Readonly<Record<string, string>>) =>
          Effect.map(environment({ PGPASSFILE: file, ...variables }, passwordFor(place)), (password) =>
            password === undefined ? undefined : Redacted.value(password)
          )
        assert.strictEqual(yield* read({}), "from the file")
        assert.strictEqual(yield* read({ PGPASSWORD: "from the environment" }), "from the environment")
      })
    )
  )

  it.effect("is refused if others may read it, or it is not there", () =>
    withFile(0o644, (file) =>
      Effect.gen(function* () {
        const open = yield* Effect.flip(environment({ PGPASSFILE: file }, passwordFor(place)))
        assert.include(open.message, `may be read by others: chmod 600 ${file}`)
        const missing = yield* Effect.flip(environment({ PGPASSFILE: `${file}.not` }, passwordFor(place)))
        assert.include(missing.message, "cannot be found")
      })
    )
  )
})
