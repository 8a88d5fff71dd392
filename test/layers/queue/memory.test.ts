import { layerMemory } from "../../../src/layers/queue/memory.ts"
import { queueContract } from "./queueContract.ts"

queueContract("memory", layerMemory, 100)
