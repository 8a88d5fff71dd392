import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Backends, Checkpoints, Datasets, ImageWriters, Logs, settingsFrom, TrainingLog } from "fovea"
import { trainWithFigures } from "fovea/paper"

/** The paper's experiment with four filters per axis and its own learning rate, for forty updates of a small batch. */
const changed = settingsFrom("paper", [
  {
    name: "four-filters",
    model: { filters: 4 },
    training: {
      batchSize: 20,
      updates: 40,
      generatorOptimizer: { learningRate: 5e-4, beta1: 0.9 },
      discriminatorOptimizer: { learningRate: 5e-4, beta1: 0.9 }
    }
  }
])

const [folder = "runs/four-filters"] = process.argv.slice(2)
const log = `${folder}/log.jsonl`
const layers = Layer.mergeAll(
  Datasets.mnist,
  Backends.onnxRuntime,
  Checkpoints.fileSystem({ directory: `${folder}/checkpoints` }),
  Checkpoints.milestones({ directory: `${folder}/milestones` }),
  Checkpoints.divergedStates({ directory: `${folder}/diverged` }),
  TrainingLog.warning(Logs.jsonLines(log)),
  ImageWriters.sharp
)

const reproduction = Effect.gen(function* () {
  const settings = yield* Effect.fromResult(changed)
  const { snapshot } = yield* trainWithFigures(settings, { figures: `${folder}/figures`, log })
  console.log(`update ${snapshot.update}`, snapshot.metrics)
})
await Effect.runPromise(reproduction.pipe(Effect.provide(layers), Effect.provide(NodeServices.layer)))
