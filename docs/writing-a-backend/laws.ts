import { test } from "node:test"
import * as Effect from "effect/Effect"
import { conformance } from "fovea/testing"
import { layerRounding } from "./roundingBackend.ts"

for (const law of conformance()) {
  test(law.name, () => Effect.runPromise(law.run.pipe(Effect.provide(layerRounding))))
}
