import { interruptions } from "./interruptions.ts"
import { kills } from "./kills.ts"
import { testShortVersion } from "./shortVersion.ts"
import { twoRuns } from "./twoRuns.ts"

testShortVersion([interruptions, twoRuns, kills])
