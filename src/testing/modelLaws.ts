import * as Effect from "effect/Effect"
import { classifyingProgram } from "../domain/experiment/classifierTraining.ts"
import { imagesProgram, trajectoryProgram } from "../domain/experiment/sampling.ts"
import { classifierModel } from "../domain/model/classifier/Classifier.ts"
import { DrawSettings } from "../domain/model/draw/DrawSettings.ts"
import type { ImageFormat } from "../domain/model/GenerativeModel.ts"
import { modelOf } from "../domain/model/modelOf.ts"
import type { Program } from "../domain/tensor/Program.ts"
import type { NamedTensors } from "../domain/tensor/TensorData.ts"
import { mapRecord } from "../domain/tensor/Tree.ts"
import { type StepCall, TensorBackend } from "../layers/backend/TensorBackend.ts"
import { onReference } from "./againstReference.ts"
import { exactly, expectTensors, type Tolerance } from "./expectations.ts"
import { type Law, type LawBody, makeLaw } from "./Law.ts"
import {
  boundedMomentum,
  classifierTraining,
  modelTraining,
  otherAttentionGan,
  paperAttentionGan,
  type SmallTraining,
  smallAttentionGan,
  smallClassifier,
  smallDcgan,
  smallDraw,
  smallGoodfellowGan,
  smallVae,
  snow,
  trainFor
} from "./smallTrainings.ts"

const format: ImageFormat = { channels: 1, height: 12, width: 10 }

/** A small training of every model of the library, by what it is called in the law. */
export const modelTrainings: Readonly<Record<string, () => SmallTraining>> = {
  "the attention GAN": () => modelTraining(smallAttentionGan, format, { batch: 6 }),
  "the attention GAN, otherwise set": () =>
    modelTraining(otherAttentionGan, { channels: 2, height: 7, width: 9 }, { batch: 4 }),
  "Goodfellow's GAN": () => modelTraining(smallGoodfellowGan, format, { batch: 6 }),
  "Goodfellow's GAN by momentum": () =>
    modelTraining(smallGoodfellowGan, format, { batch: 6, chosen: boundedMomentum }),
  "the variational autoencoder": () => modelTraining(smallVae, format, { batch: 6 }),

  "the DCGAN": () => modelTraining(smallDcgan, { channels: 2, height: 8, width: 12 }, { batch: 6 }),
  DRAW: () => modelTraining(smallDraw, format, { batch: 6 }),
  "DRAW without attention": () =>
    modelTraining(
      new DrawSettings({ ...smallDraw, attention: false }),
      { channels: 2, height: 7, width: 9 },
      { batch: 4 }
    ),
  "the classifier": () => classifierTraining(smallClassifier, format, 6)
}

/**
 * Fails unless state and metrics after some updates are within distances of those on `Reference`: absolute ones, and of a metric larger
 * than 1 relative ones, for a bound of 60 nats has no more than the digits of a float32.
 */
const updatesAgree = (
  training: SmallTraining,
  updates: number,
  drift: { readonly state: number; readonly metrics: number }
): LawBody =>
  Effect.gen(function* () {
    const wanted = yield* Effect.orDie(onReference(trainFor(training, updates)))
    const found = yield* trainFor(training, updates)
    const within = (distance: number) => () => distance
    yield* expectTensors(found.state, wanted.state, within(drift.state), (path) => `the state "${path}"`)
    for (const [update, metrics] of found.course.entries()) {
      const described = (name: string) => `at update ${update}, ${name}`
      const nearMetric: Tolerance = (should) => drift.metrics * Math.max(1, Math.abs(should))
      yield* expectTensors(metrics, wanted.course[update] ?? {}, nearMetric, described)
    }
  })

/** One step of a program that leaves its state as it is, against `Reference`. */
const drawsAlike = (program: Program, state: NamedTensors, call: StepCall, drift: number): LawBody =>
  Effect.gen(function* () {
    const outputs = Effect.scoped(
      Effect.gen(function* () {
        const executable = yield* (yield* TensorBackend).compile(program, state)
        yield* executable.step(call)
        return yield* executable.readOutputs
      })
    )
    const wanted = yield* Effect.orDie(onReference(outputs))
    yield* expectTensors(
      yield* outputs,
      wanted,
      () => drift,
      (name) => `${program.name}: ${name}`
    )
  })

const drawing = (drift: number): LawBody =>
  Effect.gen(function* () {
    const noise = { seed: 5, step: 3 }
    const { first } = modelTraining(smallAttentionGan, format, { batch: 6 })
    const model = modelOf(smallAttentionGan, format)
    yield* drawsAlike(imagesProgram(model, 7), first, { inputs: {}, noise }, drift)
    yield* drawsAlike(trajectoryProgram(model, 3), first, { inputs: {}, noise }, drift)
    const goodfellow = modelTraining(smallGoodfellowGan, format, { batch: 6 })
    yield* drawsAlike(
      imagesProgram(modelOf(smallGoodfellowGan, format), 7),
      goodfellow.first,
      { inputs: {}, noise },
      drift
    )
    const halved = { channels: 2, height: 8, width: 12 }
    const dcgan = modelTraining(smallDcgan, halved, { batch: 6 })
    yield* drawsAlike(imagesProgram(modelOf(smallDcgan, halved), 7), dcgan.first, { inputs: {}, noise }, drift)
    const classifying = classifierTraining(smallClassifier, format, 5)
    const { images } = classifying.call(0).inputs
    if (images === undefined) return
    const program = classifyingProgram(classifierModel(smallClassifier, format, 3), 5)
    yield* drawsAlike(program, classifying.first, { inputs: { images }, noise }, drift)
  })

/** Fails unless a training is the same to the bit again, and when it goes on from a state that was read. */
const repeats = (training: SmallTraining): LawBody =>
  Effect.gen(function* () {
    const straight = yield* trainFor(training, 4)
    const again = yield* trainFor(training, 4)
    yield* expectTensors(again.state, straight.state, exactly, (path) => `in another run, the state "${path}"`)
    yield* expectTensors(metricsOf(again.course), metricsOf(straight.course), exactly, (name) => name)
    const { state } = yield* trainFor(training, 2)
    const resumed = yield* trainFor(
      {
        ...training,
        // Copied, as a checkpoint would.
        first: mapRecord(state, ({ shape, values }) => ({ shape, values: values.slice() })),
        call: (update) => training.call(update + 2)
      },
      2
    )
    yield* expectTensors(resumed.state, straight.state, exactly, (path) => `gone on after two, the state "${path}"`)
  })

const metricsOf = (course: ReadonlyArray<NamedTensors>): NamedTensors =>
  Object.fromEntries(
    course.flatMap((metrics, update) =>
      Object.entries(metrics).map(([name, tensor]) => [`${name} at update ${update}`, tensor] as const)
    )
  )

/** The programs that the library is for: training and drawing with its models, small. `drift` is absolute. */
export const modelLaws = (drift: number): ReadonlyArray<Law> => [
  ...Object.entries(modelTrainings).map(([name, training]) =>
    makeLaw(
      "models",
      `ten updates of ${name} agree with Reference`,
      Effect.suspend(() => updatesAgree(training(), 10, { state: drift, metrics: drift }))
    )
  ),

  makeLaw(
    "models",
    "drawing, its steps, and classifying agree with Reference",
    Effect.suspend(() => drawing(drift))
  ),

  makeLaw(
    "models",
    "a training is the same to the bit in every run, and when it goes on from a state that was read",
    // Parameters, moments and running statistics.
    Effect.suspend(() =>
      Effect.andThen(
        repeats(modelTraining(smallAttentionGan, format, { batch: 6 })),
        repeats(modelTraining(smallDcgan, { channels: 2, height: 8, width: 12 }, { batch: 6 }))
      )
    )
  ),

  // Adam's first update moves every parameter by the learning rate, 3.75e-4, in the direction of its gradient's sign: where
  // a gradient is hardly more than rounding (and epsilon) itself, as in some entries of G's recurrent weights, part of that
  // is noise. Measured on ONNX Runtime: 9e-6.
  makeLaw(
    "models",
    "one update of the paper's model at its own size agrees with Reference",
    Effect.suspend(() => {
      const full = { channels: 1, height: 28, width: 28 }
      const training = modelTraining(paperAttentionGan, full, { batch: 100, images: snow(full) })
      return updatesAgree(training, 1, { state: 5 * drift, metrics: 2 * drift })
    }),
    { slow: true }
  )
]
