import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { BackendError, TensorBackend } from "../../../../src/layers/backend/TensorBackend.ts"
import { conformance } from "../../../../src/testing/conformance.ts"
import { backendContract } from "../backendContract.ts"
import { isInstalled } from "./installed.ts"

/** A backend with TensorFlow's library, and the other one. */
interface TensorflowPackage {
  readonly name: string
  readonly layer: Layer.Layer<TensorBackend, BackendError>
  readonly other: TensorflowPackage["layer"]
  readonly otherName: string
}

/** Holds a package to the whole suite, in a process of its own, where it is installed. */
export const tensorflowContract = ({ name, layer, other, otherName }: TensorflowPackage): void => {
  if (!isInstalled(name)) {
    describe.skip(`${name} keeps the laws of TensorBackend`, () => it("is not installed here", () => {}))
    return
  }
  backendContract(name, layer, conformance({ slow: true }))
  describe(name, () => {
    it.effect("leaves oneDNN out, unless the user asked for it", () =>
      Effect.gen(function* () {
        const asked = process.env["TF_ENABLE_ONEDNN_OPTS"]
        yield* Layer.build(layer)
        assert.strictEqual(process.env["TF_ENABLE_ONEDNN_OPTS"], asked ?? "0")
      })
    )

    it.effect.skipIf(!isInstalled(otherName))(`${otherName} is refused once it is loaded, and says why`, () =>
      Effect.gen(function* () {
        yield* Layer.build(layer)
        const { during, message } = yield* Effect.flip(Layer.build(Layer.fresh(other)))
        assert.strictEqual(during, "start")
        assert.include(message, `this process has loaded ${name}, and tfjs keeps one TensorFlow to a process`)
      })
    )
  })
}
