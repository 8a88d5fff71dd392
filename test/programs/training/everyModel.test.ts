import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { drawsStepByStep } from "../../../src/domain/exchange/exportedNetworks.ts"
import { decaysOver } from "../../../src/domain/experiment/decaysOver.ts"
import { type ExperimentSettings, misfit } from "../../../src/domain/experiment/ExperimentSettings.ts"
import { decodeSettings, presetNames, settingsFrom, settingsJson } from "../../../src/domain/experiment/presets.ts"
import type { ImageFormat } from "../../../src/domain/model/GenerativeModel.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { parametersOf } from "../../../src/domain/model/TrainableModel.ts"
import { measuredBy } from "../../../src/domain/sweep/planPoints.ts"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { layerDivergedStates } from "../../../src/layers/checkpoint/DivergedStates.ts"
import { layerFileSystem } from "../../../src/layers/checkpoint/fileSystem.ts"
import { layerMilestones } from "../../../src/layers/checkpoint/Milestones.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { layerSynthetic } from "../../../src/layers/dataset/synthetic.ts"
import { layerSharp } from "../../../src/layers/image/sharp.ts"
import { layerJsonLines } from "../../../src/layers/log/jsonLines.ts"
import { layerMemory as layerLogMemory } from "../../../src/layers/log/TrainingLog.ts"
import type { ChosenCheckpoint } from "../../../src/programs/checkpoint/chosenCheckpoint.ts"
import { openCheckpoint } from "../../../src/programs/checkpoint/openCheckpoint.ts"
import { evaluatedImages } from "../../../src/programs/cli/evaluatedImages.ts"
import { measureElbo } from "../../../src/programs/evaluation/measureElbo.ts"
import { exportModel } from "../../../src/programs/exchange/exportModel.ts"
import { paperNames } from "../../../src/programs/paper/figureNames.ts"
import { runFigures } from "../../../src/programs/paper/runFigures.ts"
import { trainWithFigures } from "../../../src/programs/paper/trainWithFigures.ts"
import { recordOfRun } from "../../../src/programs/replay/RunRecord.ts"
import { replayRun } from "../../../src/programs/replay/replayRun.ts"
import { sampleImages, sampleTrajectories } from "../../../src/programs/sampling/Sampling.ts"
import { runExperiment } from "../../../src/programs/training/runExperiment.ts"
import { openOnnx } from "../../layers/exchange/runOnnx.ts"
import { assertClose, assertFinite } from "../../support/assertClose.ts"
import { smallExperiments } from "../../support/smallExperiments.ts"
import { assertSameBits, eventsOf, noEvents } from "./tinyExperiment.ts"

const formatOf = ({ dataset }: ExperimentSettings): ImageFormat => {
  assert(dataset.kind === "synthetic")
  return { channels: 1, height: dataset.height, width: dataset.width }
}

/** Trains in a folder, from its newest checkpoint on if it holds one; gives what was measured, too. */
const trainIn = (folder: string, settings: ExperimentSettings) =>
  Effect.gen(function* () {
    const events = yield* noEvents
    const run = runExperiment(settings, () => Effect.succeed([]))
    const { snapshot } = yield* Effect.provide(run, layerLogMemory(events))
    return { snapshot, progress: eventsOf("Progress", yield* Ref.get(events)) }
  }).pipe(Effect.provide(storesIn(folder)))

const storesIn = (folder: string) =>
  Layer.mergeAll(
    layerFileSystem({ directory: `${folder}/checkpoints` }),
    layerMilestones({ directory: `${folder}/milestones` }),
    layerDivergedStates({ directory: `${folder}/diverged` })
  )

/** The first `count` updates of a training whose decays run over three. */
const updates = (settings: ExperimentSettings, count: number): ExperimentSettings => {
  const decoded = decodeSettings({
    ...Object(settingsJson(settings)),
    training: { ...decaysOver(settings.training, 3), updates: count }
  })
  assert(decoded._tag === "Success")
  return decoded.success
}

const world = (settings: ExperimentSettings) =>
  Layer.mergeAll(NodeServices.layer, layerOnnxRuntime, layerSynthetic({ count: 24, ...formatOf(settings), seed: 0 }))

const inFolder = <A, E, R>(settings: ExperimentSettings, use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    return yield* use(yield* fs.makeTempDirectoryScoped({ prefix: "fovea-every-model-" }))
  }).pipe(Effect.scoped, Effect.provide(world(settings)))

const withinUnit = ({ values }: TensorData, what: string): void => {
  assertFinite(values, what)
  assert.isTrue(
    values.every((value) => value >= 0 && value <= 1),
    `${what} are within [0, 1]`
  )
}

it("the table has a line for every kind of model that a preset is for", () => {
  const kinds = presetNames.flatMap((name) => {
    const settings = settingsFrom(name)
    return settings._tag === "Success" ? [settings.success.model.kind] : []
  })
  const shown = Object.values(smallExperiments).map(({ model }) => model.kind)
  assert.deepStrictEqual(new Set(shown), new Set(kinds))
})

describe.each(Object.entries(smallExperiments))("%s", (_, settings) => {
  const format = formatOf(settings)
  const { channels, height, width } = format
  const model = modelOf(settings.model, format)
  const parts = Object.keys(parametersOf(model))

  // Trained once, for all that only read what a training leaves.
  const folder = mkdtempSync(join(tmpdir(), "fovea-every-model-"))
  let trained: Effect.Success<ReturnType<typeof trainIn>>
  beforeAll(async () => {
    trained = await Effect.runPromise(Effect.provide(trainIn(folder, settings), world(settings)))
  }, 30_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  it("trains, and what it measures is finite", () => {
    const { snapshot, progress } = trained
    assert.deepStrictEqual(
      progress.map(({ update }) => update),
      [1, 2, 3]
    )
    for (const { update, metrics } of progress) {
      assert.deepStrictEqual(Object.keys(metrics), measuredBy(settings))
      assertFinite(Object.values(metrics), `metrics of update ${update}`)
    }
    const held = new Set(Object.keys(snapshot.tensors).map((path) => path.split(".")[0]))
    for (const part of [...parts, "optimizer"]) assert.isTrue(held.has(part), `the state has a part "${part}"`)
  })

  it.live("goes on from a checkpoint as if it had not stopped, and is the same when computed again", () =>
    inFolder(settings, (parts) =>
      Effect.gen(function* () {
        const first = yield* trainIn(parts, updates(settings, 1))
        const second = yield* trainIn(parts, settings)
        assertSameBits(second.snapshot.tensors, trained.snapshot.tensors)
        assert.deepStrictEqual(
          [...first.progress, ...second.progress].map(({ metrics }) => metrics),
          trained.progress.map(({ metrics }) => metrics)
        )
        const replayed = yield* recordOfRun(`${parts}/none.jsonl`).pipe(
          Effect.flatMap((record) => replayRun(record, { updates: 3, from: 0 })),
          Effect.provide(storesIn(parts))
        )
        assert.isAtLeast(replayed.states, 2)
      })
    )
  )

  it.live("draws images, step by step if it does, from its checkpoint and from a milestone alike", () =>
    Effect.gen(function* () {
      const { snapshot } = trained
      const images = yield* sampleImages(model, snapshot.tensors, { count: 7, seed: 2 })
      assert.deepStrictEqual(images.shape, [7, channels, height, width])
      withinUnit(images, "images")
      for (const part of ["checkpoints", "milestones"]) {
        const opened = yield* Effect.provide(openCheckpoint, layerFileSystem({ directory: `${folder}/${part}` }))
        assert.strictEqual(opened.model.name, model.name)
        const again = yield* sampleImages(opened.model, opened.tensors, { count: 7, seed: 2 })
        assert.deepStrictEqual(again, images, part)
      }
      if (!drawsStepByStep(model)) return
      const { canvases, windows } = yield* sampleTrajectories(model, snapshot.tensors, { count: 3, seed: 2 })
      assert.strictEqual(canvases.length, windows.length + 1)
      for (const window of windows.flat()) assertFinite(Object.values(window), "window")
      const size = sizeOf([channels, height, width])
      // To float32's rounding: without the steps in between, the writes are added up otherwise.
      assertClose(canvases.at(-1)?.values.map(clamped) ?? [], images.values.slice(0, 3 * size), 1e-6)
    }).pipe(Effect.provide(world(settings)))
  )

  it.live("is exported: its generator, and what it says of images", () =>
    Effect.gen(function* () {
      const exported = exportModel({ directory: `${folder}/onnx`, trajectory: drawsStepByStep(model) })
      const paths = yield* Effect.provide(exported, layerFileSystem({ directory: `${folder}/checkpoints` }))
      const other = model.objective === "adversarial" ? "discriminator" : "inference"
      assert.deepStrictEqual(
        paths,
        ["generator", other].map((name) => `${folder}/onnx/${name}.onnx`)
      )
      const fs = yield* FileSystem.FileSystem
      for (const path of paths) {
        const bytes = yield* fs.readFile(path)
        const file = yield* Effect.promise(() => openOnnx(bytes))
        const inputs = Object.entries(file.inputs).map(([name, shape]) => {
          const sizes = shape.map((size) => (typeof size === "number" ? size : 5))
          return [
            name,
            tensorData(
              sizes,
              Float32Array.from({ length: sizeOf(sizes) }, (_, i) => (i % 7) / 7)
            )
          ] as const
        })
        const outputs = yield* Effect.promise(() => file.run(Object.fromEntries(inputs)))
        assert.isNotEmpty(outputs)
        for (const [name, { shape, values }] of Object.entries(outputs)) {
          assert.strictEqual(shape[0], 5)
          assertFinite(values, `${path}: ${name}`)
        }
      }
    }).pipe(Effect.provide(world(settings)))
  )

  it.live("is evaluated by its images, and a variational one by its bound", () =>
    Effect.gen(function* () {
      const { training, test } = yield* Dataset
      const chosen: ChosenCheckpoint = { kind: "newest", directory: `${folder}/checkpoints`, run: folder }
      const { images, drawnFrom } = yield* evaluatedImages(
        {
          kind: "generator",
          path: folder,
          chosen,
          count: 20,
          seed: Option.none(),
          module: Option.none(),
          input: Option.none(),
          onDamage: "stop"
        },
        training
      )
      assert.deepStrictEqual(images.shape, [20, channels, height, width])
      withinUnit(images, "images")
      assert(drawnFrom !== undefined)
      if (drawnFrom.model.objective !== "variational") return
      const measured = yield* measureElbo(drawnFrom.model, drawnFrom.tensors, test, 5)
      assert.strictEqual(measured.count, test.count)
      assertFinite([measured.bound.value, measured.bound.standardError], "bound")
      assert.isAtLeast(measured.divergence.value, 0)
      assert.deepStrictEqual(yield* measureElbo(drawnFrom.model, drawnFrom.tensors, test, 5), measured)
      const other = yield* measureElbo(drawnFrom.model, drawnFrom.tensors, test, 6)
      assert.notStrictEqual(other.bound.value, measured.bound.value)
    }).pipe(Effect.provide(world(settings)))
  )

  it.live("leaves the figures that it is said to leave", () =>
    inFolder(settings, (folder) =>
      Effect.gen(function* () {
        const files = { figures: `${folder}/figures`, log: `${folder}/log.jsonl` }
        yield* trainWithFigures(settings, files, paperNames).pipe(
          Effect.provide([storesIn(folder), layerJsonLines(files.log), layerSharp])
        )
        const fs = yield* FileSystem.FileSystem
        const left = yield* fs.readDirectory(files.figures)
        const named = runFigures(settings).map(({ file }) => file)
        assert.sameMembers([...left], [...named, "learning-curves.svg", "learning-curves.png"])
      })
    )
  )

  it("is not trained by the settings of another objective, which one message says", () => {
    const other = Object.values(smallExperiments).find(({ training }) => training.objective !== model.objective)
    assert(other !== undefined)
    const decoded = decodeSettings({
      ...Object(settingsJson(settings)),
      training: Object(settingsJson(other)).training
    })
    assert(decoded._tag === "Success")
    const found = misfit(decoded.success, format, 24)
    assert.strictEqual(found?.field, "training.objective")
    assert.include(found?.problem, `"${settings.model.kind}"`)
  })
})

const clamped = (value: number): number => Math.min(Math.max(value, 0), 1)
