import { testShortVersion } from "./shortVersion.ts"
import { sweepInPostgres } from "./sweep/sweepInPostgres.ts"
import { sweepInSqlite } from "./sweep/sweepInSqlite.ts"

testShortVersion([sweepInSqlite, sweepInPostgres])
