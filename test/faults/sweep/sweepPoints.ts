import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { layerReference } from "../../../src/layers/backend/reference.ts"
import { CheckpointStore } from "../../../src/layers/checkpoint/CheckpointStore.ts"
import { digestOfTensors } from "../../../src/layers/checkpoint/packedCheckpoint.ts"
import { layerOnnxRuntime } from "../../../src/layers/onDemand.ts"
import type { SweepPoint } from "../../../src/layers/queue/TrainingQueue.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { noEvents, tinySettings, tinyWorld } from "../../programs/training/tinyExperiment.ts"

/** What a worker of the fault tests is told. */
export interface WorkerSettings {
  readonly name: string
  readonly address: string
  readonly engine: "reference" | "onnx"
  readonly leaseMillis: number
  readonly answerMillis: number
}

/** A tiny training of so many epochs of six updates, with a checkpoint after each. */
export const tinyPoint = (seed: number, epochs: number, engine: WorkerSettings["engine"]): SweepPoint => ({
  id: `seed-${seed}`,
  payload: JSON.stringify({ seed, epochs }),
  version: 1,
  engine
})

export const pointSettings = (payload: string) => {
  const { epochs, seed }: { readonly seed: number; readonly epochs: number } = JSON.parse(payload)
  return tinySettings({
    seed,
    training: { epochs },
    reporting: { logEveryUpdates: 6, checkpointEveryEpochs: 1, picturesEveryEpochs: 1000 }
  })
}

/** The digest of the newest checkpoint's tensors. */
export const newestDigest = CheckpointStore.use(({ latest }) =>
  Effect.map(
    latest,
    Option.match({
      onNone: () => "nothing",
      onSome: ({ description, tensors }) => `${description.update} ${digestOfTensors(tensors, description)}`
    })
  )
)

/** What a point's training comes to if nobody disturbs it. */
export const undisturbed = async (point: SweepPoint): Promise<string> => {
  const events = await Effect.runPromise(noEvents)
  const backend = point.engine === "reference" ? layerReference : layerOnnxRuntime
  return Effect.runPromise(
    Effect.andThen(
      runExperiment(pointSettings(point.payload), () => Effect.succeed([])),
      newestDigest
    ).pipe(Effect.provide(Layer.mergeAll(tinyWorld(events), backend)))
  )
}
