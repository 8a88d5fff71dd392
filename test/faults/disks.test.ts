import { corruption } from "./corruption.ts"
import { powerCuts } from "./powerCuts.ts"
import { refusingDisks } from "./refusingDisks.ts"
import { testShortVersion } from "./shortVersion.ts"

testShortVersion([powerCuts, refusingDisks, corruption])
