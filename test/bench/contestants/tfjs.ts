import * as Effect from "effect/Effect"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { mapRecord } from "../../../src/domain/tensor/Tree.ts"
import { paperTraining } from "../paperTraining.ts"
import { foveaPaths, peerNoise, peerParameters } from "../peers/sameModel.ts"
import { makeTfjsEager, parameterNames, type TfjsEagerOptions } from "../peers/tfjsEager.ts"
import type { Contestant } from "./Contestant.ts"

/**
 * Eager tfjs on wasm. Latents come from Fovea's generator, as for every contestant (tfjs's own takes longer); Adam begins
 * anew, since tfjs does not let its moments be set.
 */
export const tfjsContestant = Effect.fnUntraced(function* (
  matMulGradient: TfjsEagerOptions["matMulGradient"],
  parameters: NamedTensors | undefined
) {
  const { makeProgram, initialState, imagesOf, seed } = yield* paperTraining
  const latentsOf = peerNoise(makeProgram())
  const peer = yield* Effect.acquireRelease(
    Effect.promise(() =>
      makeTfjsEager("wasm", { matMulGradient, parameters: peerParameters({ ...initialState, ...parameters }) })
    ),
    ({ dispose }) => Effect.sync(dispose)
  )
  const shapes = mapRecord(initialState, ({ shape }) => shape)
  const contestant: Contestant = {
    update: (k) =>
      Effect.promise(async () => {
        const images = Float32Array.from(imagesOf(k).values)
        const { discriminatorLoss, generatorLoss } = await peer.update(images, latentsOf({ seed, step: k }))
        return [discriminatorLoss, generatorLoss] as const
      }),
    parameters: Effect.map(
      Effect.promise(() => peer.parameters()),
      (values) =>
        Object.fromEntries(
          parameterNames.map((name) => {
            const path = foveaPaths[name]
            return [path, { shape: shapes[path] ?? [], values: values[name] }]
          })
        )
    )
  }
  return contestant
})
