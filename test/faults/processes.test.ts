import { interruptions } from "./interruptions.ts"
import { kills } from "./kills.ts"
import { lostOutputs } from "./lostOutputs.ts"
import { testShortVersion } from "./shortVersion.ts"
import { twoRuns } from "./twoRuns.ts"

testShortVersion([interruptions, lostOutputs, twoRuns, kills])
