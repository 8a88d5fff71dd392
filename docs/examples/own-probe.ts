import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backends, Checkpoints, Sampling, standardLatents } from "fovea"
import { imageDistance } from "fovea/evaluation"
import { plannedModel } from "fovea/paper"

/** How far do images move if one latent is twice as wide as in training? One number for each step. */
const probe = Effect.gen(function* () {
  const { model, settings, tensors } = yield* Sampling.openCheckpoint
  if (settings.kind !== "attention-gan") return yield* Effect.die("this probe is for attention GANs")
  const usual = standardLatents(settings.glimpses)
  const draw = (plan: typeof usual) =>
    Sampling.images(plannedModel(settings, model.format, plan), tensors, { count: 100, seed: 1 })
  const originals = yield* draw(usual)
  for (const step of usual.keys()) {
    const wider = usual.with(step, { mean: 0, deviation: 2 })
    // The same normal numbers by another plan: image i of both differs by the plan alone.
    const { relative } = yield* Effect.fromResult(imageDistance(originals, yield* draw(wider)))
    console.log(`z_${step + 1} twice as wide: ${relative.toFixed(3)} of the distance between two images`)
  }
})

const [run = "runs/paper"] = process.argv.slice(2)
const layers = Layer.mergeAll(Backends.onnxRuntime, Checkpoints.fileSystem({ directory: `${run}/checkpoints` }))
await Effect.runPromise(probe.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
