import { layerMemory } from "../../../src/layers/checkpoint/memory.ts"
import { checkpointContract } from "./checkpointContract.ts"

checkpointContract("memory", layerMemory)
