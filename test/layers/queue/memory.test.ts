import { memory } from "../../../src/programs/sweep/Sweep.ts"
import { queueContract } from "./queueContract.ts"

queueContract("memory", memory, 500)
