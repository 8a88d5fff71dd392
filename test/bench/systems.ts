import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { imageExamples } from "../../src/domain/data/Examples.ts"
import { decaysOver } from "../../src/domain/experiment/decaysOver.ts"
import { type PresetName, type SettingsJson, settingsFrom } from "../../src/domain/experiment/presets.ts"
import { trainingProgram } from "../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../src/domain/model/modelOf.ts"
import { initialState, type Program } from "../../src/domain/program/Program.ts"
import type { NamedTensors } from "../../src/domain/tensor/TensorData.ts"
import { type BatchSource, shuffled } from "../../src/layers/dataset/BatchSource.ts"
import { Dataset } from "../../src/layers/dataset/Dataset.ts"
import { layerMnist } from "../../src/layers/dataset/mnist.ts"
import { layerSynthetic } from "../../src/layers/dataset/synthetic.ts"
import { loadRecipe } from "../../src/programs/training/recipeModule.ts"
import { firstDraw } from "../support/firstDraw.ts"
import { firstModern } from "../support/firstModern.ts"

/** How a peer trains one of a system's players; the names are those of `peers/systems.py`. */
export interface PeerPlayer {
  readonly name: string
  /** What the paths of its parameters begin with. */
  readonly of: ReadonlyArray<string>
  readonly lr: number
  readonly betas: readonly [number, number]
  readonly eps: number
  /** Of weights (AdamW), and the greatest norm of its gradients. */
  readonly decay?: number
  readonly clip?: number
}

/** A system of the benchmark: what Fovea trains, and how its peers train the same. */
export interface System {
  readonly program: Program
  readonly state: NamedTensors
  /** Of some updates, which all take in turn. */
  readonly inputs: ReadonlyArray<NamedTensors>
  readonly seed: number
  readonly players: ReadonlyArray<PeerPlayer>
  /** A moving average of parameters, by what their paths begin with. */
  readonly ema?: { readonly decay: number; readonly of: ReadonlyArray<string> }
  /** The parameter that one of Adam's first moments in the state belongs to, by its path; `undefined` of other paths. */
  readonly momentOf: (path: string) => string | undefined
  /** The loss of each player as a sum of outputs, each with its weight. */
  readonly losses: ReadonlyArray<Readonly<Record<string, number>>>
}

/** Updates whose inputs are given. */
const updatesGiven = 16

const mnist = layerMnist.pipe(Layer.provide(NodeServices.layer))

const inputsOf = <E, R>(source: BatchSource<string, E, R>, batchSize: number, seed: number) =>
  source.batches({ batchSize, seed, firstUpdate: 0 }).pipe(
    Stream.take(updatesGiven),
    Stream.map(({ inputs }): NamedTensors => inputs),
    Stream.runCollect
  )

/** A preset on the images of a data set, with changes laid over it. */
const presetOn = Effect.fnUntraced(function* (name: PresetName, changes: SettingsJson = {}) {
  const { seed, model: settings, training } = yield* Effect.fromResult(settingsFrom(name, [changes]))
  const { training: set } = yield* Dataset
  const model = modelOf(settings, set)
  const program = trainingProgram(model, { ...decaysOver(training, 1), shards: 1 })
  const data = shuffled(imageExamples(set))
  const player = (
    name: string,
    of: ReadonlyArray<string>,
    optimizer: { readonly learningRate: number; readonly maxGradientNorm?: number | undefined }
  ): PeerPlayer => ({
    name,
    of,
    lr: optimizer.learningRate,
    betas:
      "beta1" in optimizer && "beta2" in optimizer ? [Number(optimizer.beta1), Number(optimizer.beta2)] : [0.9, 0.999],
    eps: 1e-8,
    ...(optimizer.maxGradientNorm === undefined ? {} : { clip: optimizer.maxGradientNorm })
  })
  const system: System = {
    program,
    state: initialState(program, seed, data.marginals?.(seed)),
    inputs: yield* inputsOf(data, training.batchSize, seed),
    seed,
    players:
      training.objective === "variational"
        ? [player("", [""], training.optimizer)]
        : [
            player("discriminator", ["discriminator."], training.discriminatorOptimizer),
            player("generator", ["generator."], training.generatorOptimizer)
          ],
    ...(training.objective === "adversarial" && training.averageDecay !== undefined
      ? { ema: { decay: training.averageDecay, of: ["generator."] } }
      : {}),
    momentOf: (path) => {
      const [, player, rest] = /^optimizer\.(?:(\w+)\.)?first\.(.*)$/.exec(path) ?? []
      return rest === undefined ? undefined : player === undefined ? rest : `${player}.${rest}`
    },
    losses:
      training.objective === "variational"
        ? [{ bound: -1 }]
        : [
            { discriminatorLoss: 1, ...(training.gradientPenalty === undefined ? {} : { gradientPenalty: 1 }) },
            { generatorLoss: 1 }
          ]
  }
  return system
})

/** A preset on MNIST, with changes laid over it. */
export const presetSystem = (name: PresetName, changes?: SettingsJson) => Effect.provide(presetOn(name, changes), mnist)

/** Colour pictures of 64 by 64: what is in them does not matter to how long an update takes. */
const inColour = (name: PresetName, changes?: SettingsJson) =>
  Effect.provide(presetOn(name, changes), layerSynthetic({ count: 2000, channels: 3, height: 64, width: 64, seed: 0 }))

/** A program of the gallery. */
const gallery = Effect.fnUntraced(function* (
  name: string,
  peers: Pick<System, "players" | "ema" | "losses">
): Effect.fn.Return<System, unknown> {
  const { program, data, seed } = yield* Effect.provide(loadRecipe(`docs/gallery/${name}.ts`), NodeServices.layer)
  if (data === undefined) return yield* Effect.die(new Error(`${name} has no data`))
  const source = yield* Effect.isEffect(data)
    ? // Of what a recipe's data may ask for these read files alone.
      (Effect.provide(data, NodeServices.layer) as Effect.Effect<BatchSource, unknown>)
    : Effect.succeed(data)
  return {
    program,
    state: initialState(program, seed, source.marginals?.(seed)),
    inputs: yield* inputsOf(source, program.batchSize ?? source.count, seed),
    seed,
    momentOf: (path) => {
      const [, learner, rest] = /^(\w+)\.optimizer\.(?:\d+\.)?first\.(.*)$/.exec(path) ?? []
      return rest === undefined ? undefined : `${learner}.parameters.${rest}`
    },
    ...peers
  }
})

/** The systems by the names that `peers/systems.py` has for them. */
export const systems: Readonly<Record<string, Effect.Effect<System, unknown>>> = {
  paper: presetSystem("paper"),
  // As the peers write it.
  modern: presetSystem("paper", firstModern),
  "modern, 64 x 64 colour": inColour("paper", firstModern),
  baseline: presetSystem("baseline"),
  dcgan: presetSystem("dcgan"),
  "dcgan, 64 x 64 colour": inColour("dcgan"),
  vae: presetSystem("vae"),
  "draw, 10 glimpses": presetSystem("draw", firstDraw),
  "draw, 64 glimpses": presetSystem("draw", { ...firstDraw, model: { glimpses: 64 } }),
  ddpm: gallery("ddpm", {
    // The rate at the middle of the warm-up: what it is does not matter to how long an update takes.
    players: [
      { name: "denoiser", of: ["denoiser.parameters."], lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, decay: 1e-4, clip: 1 }
    ],
    ema: { decay: 0.999, of: ["denoiser.parameters."] },
    losses: [{ loss: 1 }]
  }),
  "plane-gan": gallery("plane-gan", {
    players: ["D", "G"].map((name) => ({
      name,
      of: [`${name}.parameters.`],
      lr: 1e-3,
      betas: [0.5, 0.999],
      eps: 1e-8
    })),
    losses: [{ lossOfD: 1 }, { lossOfG: 1 }]
  })
}

/** The players' losses of an update, from its outputs. */
export const lossesOf = ({ losses }: System, outputs: NamedTensors): ReadonlyArray<number> =>
  losses.map((weights) =>
    Object.entries(weights).reduce(
      (sum, [output, weight]) => sum + weight * (outputs[output]?.values[0] ?? Number.NaN),
      0
    )
  )
