import { hostileFiles } from "./hostileFiles.ts"
import { testShortVersion } from "./shortVersion.ts"

testShortVersion([hostileFiles])
