import { describe, layer } from "@effect/vitest"
import type * as Layer from "effect/Layer"
import type { BackendError, TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { conformance } from "../../../src/testing/conformance.ts"
import type { Law } from "../../../src/testing/Law.ts"

/** What a backend promises whatever it computes: state, what passes its border, and noise. */
const aboutState: ReadonlyArray<Law> = conformance().filter(({ group }) => ["state", "border", "noise"].includes(group))

/** Whether slow laws are asked for where `npm test` leaves them to ONNX Runtime: `FOVEA_SLOW_LAWS=1 npx vitest run test/layers/backend`. */
export const slowLaws = process.env["FOVEA_SLOW_LAWS"] === "1"

/** Laws as tests of a backend, which is started once for all of them; `conformance(...)` gives the whole suite. */
export const backendContract = (
  name: string,
  layerUnderTest: Layer.Layer<TensorBackend, BackendError>,
  laws: ReadonlyArray<Law> = aboutState
): void => {
  describe(`${name}: the contract of TensorBackend`, () => {
    // TensorFlow's library takes seconds to load.
    layer(layerUnderTest, { timeout: "60 seconds" })((it) => {
      for (const law of laws) it.effect(law.name, () => law.run, law.slow ? 120_000 : 60_000)
    })
  })
}
