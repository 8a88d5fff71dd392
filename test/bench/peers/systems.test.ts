import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { NamedTensors } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../../src/layers/backend/TensorBackend.ts"
import { missingFor, startSystemPeer } from "../contestants/startPython.ts"
import { peerWork } from "../measure/systems.ts"
import { lossesOf, presetSystem, type System, systems } from "../systems.ts"

/** The state after an update of Fovea on the first inputs, and its losses. */
const afterOneUpdate = (system: System) =>
  Effect.gen(function* () {
    const { program, state, inputs, seed } = system
    const executable = yield* (yield* TensorBackend).compile(program, state)
    yield* executable.step({ inputs: inputs[0] ?? {}, noise: { seed, step: 0 } })
    const outputs = yield* executable.readOutputs
    return {
      after: yield* executable.readState,
      losses: lossesOf(system, outputs)
    }
  }).pipe(Effect.scoped, Effect.provide(layerOnnxRuntime))

const largest = (values: ReadonlyArray<number>) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

// Of two that share their code, the one that is quicker or harder: 10 glimpses of 64, colour of grey, grey of DCGAN.
const compared = [
  "paper",
  "modern, 64 x 64 colour",
  "baseline",
  "dcgan",
  "vae",
  "draw, 10 glimpses",
  "ddpm",
  "plane-gan"
]

const limit = { maxGradientNorm: 1e-2 }
const cases = [
  ...compared.map((name) => ({ title: name, name, made: systems[name] })),
  // Before the first update no gradient of the preset is over its own limit.
  {
    title: "paper with a low limit to its gradients",
    name: "paper",
    made: presetSystem("paper", { training: { generatorOptimizer: limit, discriminatorOptimizer: limit } })
  }
]

describe.each(cases)("the peers of $title", ({ name, made }) => {
  const missing = missingFor("jax") ?? missingFor("torch-eager")
  it.effect.skipIf(missing !== undefined)(
    `have Fovea's gradients on the same parameters${missing === undefined ? "" : `: skipped, ${missing}`}`,
    () =>
      Effect.gen(function* () {
        if (made === undefined) return yield* Effect.die(new Error(name))
        const system = yield* made
        const { setup, parameters, batches } = peerWork(name, system)
        const { after, losses } = yield* afterOneUpdate(system)
        const [first] = system.players
        // A later player's gradient is taken against the first one as it was updated.
        const moved = Object.fromEntries(
          Object.keys(parameters)
            .filter((path) => first?.of.some((prefix) => path.startsWith(prefix)))
            .map((path) => [path, after[path] ?? { shape: [], values: new Float32Array(0) }])
        )
        for (const engine of ["jax", "torch-eager"] as const) {
          const peer = yield* startSystemPeer(engine, setup, { parameters, batches: batches.slice(0, 1) })
          const forFirst: NamedTensors = yield* peer.gradientsAt(parameters)
          const forLater: NamedTensors = yield* peer.gradientsAt({ ...parameters, ...moved })
          const ran = yield* peer.run({ most: 1, seconds: 0 })
          ran.losses.forEach((loss, player) => {
            assert.closeTo(loss, losses[player] ?? Number.NaN, 2e-4 * Math.abs(loss), `${engine}, loss ${player}`)
          })
          let gradients = 0
          for (const [moment, { values }] of Object.entries(after)) {
            const path = system.momentOf(moment)
            if (path === undefined) continue
            const player = system.players.find(({ of }) => of.some((prefix) => path.startsWith(prefix)))
            const found = player === first ? forFirst : forLater
            const expected = Array.from(found[path]?.values ?? [])
            // After one update Adam's first moment is (1 - beta1) times the gradient.
            const seen = Array.from(values, (value) => value / (1 - (player?.betas[0] ?? 0)))
            assert.strictEqual(expected.length, seen.length, path)
            const most = largest(expected)
            assert.isBelow(
              largest(expected.map((value, i) => value - (seen[i] ?? 0))),
              1e-3 * most + 2e-7,
              `${engine}, ${path}`
            )
            gradients += 1
          }
          assert.strictEqual(gradients, Object.keys(parameters).length)
        }
      }).pipe(Effect.scoped),
    600_000
  )
})
