import { longRun } from "./longRun.ts"
import { testShortVersion } from "./shortVersion.ts"

testShortVersion([longRun])
