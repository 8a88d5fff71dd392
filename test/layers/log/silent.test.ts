import * as Effect from "effect/Effect"
import { layerSilent } from "../../../src/layers/log/silent.ts"
import { logContract } from "./logContract.ts"

logContract("layerSilent", Effect.succeed({ layer: layerSilent, kept: Effect.succeed([]), expected: () => [] }))
