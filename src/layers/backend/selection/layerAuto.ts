import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import type { BackendError, TensorBackend } from "../TensorBackend.ts"
import { autoChoice, autoOrder, isSuitable } from "./autoChoice.ts"
import type { EngineStatus } from "./EngineStatus.ts"
import { engineLayers } from "./engines.ts"
import { probeEngine } from "./probeEngine.ts"

/** Drivers that compile their first shader ever may take some seconds. */
const limitSeconds = 30

/**
 * The best engine that is there: `autoOrder`'s first suitable one. Each is tried in a process of its own until one is found,
 * which takes about a second where there is no GPU. The log says, on standard error, which it is and why.
 */
export const layerAuto: Layer.Layer<TensorBackend, BackendError> = Layer.unwrap(
  Effect.gen(function* () {
    const found: Array<EngineStatus> = []
    for (const name of autoOrder) {
      // The last one is what remains, and is there with Fovea.
      if (name === autoOrder.at(-1) || found.some(isSuitable)) break
      found.push(yield* probeEngine(name, { timed: false, limitSeconds }))
    }
    const { name, reason } = autoChoice(found)
    yield* Effect.logInfo(`backend ${name}: ${reason}`).pipe(Effect.provideService(References.LogToStderr, true))
    return engineLayers[name]
  })
)
