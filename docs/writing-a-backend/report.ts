import * as Effect from "effect/Effect"
import { checkConformance, conformance, float32Unit, formatReport } from "fovea/testing"
import { layerRounding } from "./roundingBackend.ts"

// Every function is rounded once: more than that would be a fault of this backend.
const rounded = { exp: float32Unit, log: float32Unit, tanh: float32Unit, sigmoid: float32Unit }

const laws = conformance({ tolerances: rounded, runs: 200, seed: 7 }).filter(({ group }) => group === "primitives")
const report = await Effect.runPromise(checkConformance(laws).pipe(Effect.provide(layerRounding)))
console.log(formatReport(report))
if (report.broken.length > 0) process.exitCode = 1
