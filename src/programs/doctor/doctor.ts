import * as Effect from "effect/Effect"
import { type EngineName, engineNames } from "../../layers/backend/selection/engineNames.ts"
import { probeEngine } from "../../layers/backend/selection/probeEngine.ts"

/** A first WebGPU program may wait long for its shaders. */
const usualLimitSeconds = 60

/**
 * Probes engines one after another, so that none disturbs another's time, each in a process of its own. Whatever an engine
 * does is part of the answer: this does not fail.
 */
export const doctor = (
  options: { readonly engines?: ReadonlyArray<EngineName>; readonly limitSeconds?: number } = {}
) =>
  Effect.forEach(options.engines ?? engineNames, (name) =>
    probeEngine(name, { timed: true, limitSeconds: options.limitSeconds ?? usualLimitSeconds })
  ).pipe(Effect.withSpan("Backends.doctor"))
