import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { pixelMarginals } from "../../../src/domain/data/Images.ts"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import type { Animation } from "../../../src/domain/image/animation.ts"
import { enlargementTo } from "../../../src/domain/image/blocks.ts"
import { type LabelledImage, textWidth } from "../../../src/domain/image/caption.ts"
import { drawnSteps } from "../../../src/domain/image/drawnSteps.ts"
import { grid } from "../../../src/domain/image/grid.ts"
import { enlarge, type Raster, rastersOf } from "../../../src/domain/image/Raster.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { type LatentPlan, standardLatents } from "../../../src/domain/model/latentPlan.ts"
import { initialise } from "../../../src/domain/nn/parameter.ts"
import {
  outOfDistributionProbes,
  paperProbes,
  singleStepProbes,
  zeroProbe
} from "../../../src/domain/paper/probe/probes.ts"
import type { TensorData } from "../../../src/domain/tensor/TensorData.ts"
import { layerOnnxRuntime } from "../../../src/layers/backend/onnx/onnxRuntime.ts"
import { ImageWriter } from "../../../src/layers/image/ImageWriter.ts"
import { layerSharp } from "../../../src/layers/image/sharp.ts"
import {
  plannedImages,
  type TrainedAttentionGan,
  writeRandomAndFixedLatents,
  writeSampleFigure,
  writeSingleLatents,
  writeSteps,
  writeStepsAnimation,
  writeWildLatents
} from "../../../src/programs/paper/probeFigures.ts"
import { sampleImages, sampleTrajectories } from "../../../src/programs/sampling/Sampling.ts"
import { smallSettings } from "../../domain/model/smallModels.ts"

/** An untrained model of T steps for images of 6 rows and 5 columns. */
const untrained = (changes: Parameters<typeof smallSettings>[0] = {}, channels = 1): TrainedAttentionGan => {
  const settings = smallSettings({ filters: 3, glimpses: 4, units: 6, latentSize: 3, ...changes })
  const format = { channels, height: 6, width: 5 }
  const images = syntheticImages({ count: 9, ...format, seed: 3, stream: "test" })
  const tensors = initialise(
    { generator: attentionGan(settings, format).generator.parameters },
    4,
    pixelMarginals(images, 4)
  )
  return { settings, format, tensors, seed: 11 }
}

const differenceOf = (left: TensorData, right: TensorData): number =>
  Array.from(left.values, (value, i) => Math.abs(value - (right.values[i] ?? Number.NaN))).reduce((a, b) => a + b, 0)

describe("plannedImages", () => {
  it.effect("by the plan of training are the model's samples, also beyond one batch", () =>
    Effect.gen(function* () {
      const trained = untrained()
      const { settings, format, tensors, seed } = trained
      const samples = yield* sampleImages(attentionGan(settings, format), tensors, { count: 130, seed })
      const planned = yield* plannedImages(trained, standardLatents(settings.glimpses), 130)
      assert.deepStrictEqual(planned, samples)
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("image i does not depend on the count, whatever the plan", () =>
    Effect.gen(function* () {
      const trained = untrained()
      for (const { name, plan } of paperProbes(4)) {
        const many = yield* plannedImages(trained, plan, 101)
        const few = yield* plannedImages(trained, plan, 3)
        assert.deepStrictEqual([...few.values], [...many.values.subarray(0, few.values.length)], name)
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )

  it.effect("by zero latents are one image, and by wild ones finite and others than by tame ones", () =>
    Effect.gen(function* () {
      for (const activation of ["tanh", "sigmoid", "relu"] as const) {
        const trained = untrained({ activation: { generator: activation, discriminator: "tanh" } })
        const zero = yield* plannedImages(trained, zeroProbe(4).plan, 10)
        const size = zero.values.length / 10
        for (let i = 1; i < 10; i++) {
          assert.deepStrictEqual(
            [...zero.values.subarray(i * size, (i + 1) * size)],
            [...zero.values.subarray(0, size)]
          )
        }
        const tame = yield* plannedImages(trained, standardLatents(4), 10)
        for (const { name, plan } of outOfDistributionProbes(4)) {
          const wild = yield* plannedImages(trained, plan, 10)
          assert.isTrue(wild.values.every(Number.isFinite), `${activation} ${name}`)
          assert.isAbove(differenceOf(wild, tame), 0.01, `${activation} ${name}`)
        }
      }
    }).pipe(Effect.provide(layerOnnxRuntime))
  )
})

interface Written {
  readonly figures: ReadonlyArray<LabelledImage>
  readonly animations: ReadonlyArray<Animation>
}

/** The real writer of images, which also remembers what it was given. */
const layerRecording = (written: Ref.Ref<Written>) =>
  Layer.effect(
    ImageWriter,
    Effect.map(ImageWriter, (rasters) =>
      ImageWriter.of({
        ...rasters,
        writeLabelled: (path, figure) =>
          Effect.andThen(
            Ref.update(written, (all) => ({ ...all, figures: [...all.figures, figure] })),
            rasters.writeLabelled(path, figure)
          ),
        writeAnimation: (path, animation) =>
          Effect.andThen(
            Ref.update(written, (all) => ({ ...all, animations: [...all.animations, animation] })),
            rasters.writeAnimation(path, animation)
          )
      })
    )
  ).pipe(Layer.provide(layerSharp))

const textsOf = (figure: LabelledImage | undefined): ReadonlyArray<string> =>
  figure?.texts.map(({ text }) => text) ?? []

/** Fails unless an image holds another, of as many channels, with its upper left corner at (left, top). */
const assertHolds = (whole: Raster | undefined, part: Raster, left: number, top: number): void => {
  assert.isDefined(whole)
  if (whole === undefined) return
  const { width, height, channels } = part
  assert.strictEqual(whole.channels, channels)
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * whole.width + left) * channels
    const line = part.pixels.subarray(row * width * channels, (row + 1) * width * channels)
    assert.isTrue(
      line.every((value, i) => value === whole.pixels[from + i]),
      `row ${row}`
    )
  }
}

const cell = enlargementTo(84, { height: 6, width: 5 })

describe("the figures", () => {
  it.live(
    "of samples, steps and latents are laid out as the paper's, and say what they show under the title given",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-probes-" })
        const written = yield* Ref.make<Written>({ figures: [], animations: [] })
        const trained = untrained({ glimpses: 6 })
        yield* Effect.gen(function* () {
          const { settings, format, tensors, seed } = trained
          const images = yield* sampleImages(attentionGan(settings, format), tensors, { count: 100, seed })
          yield* writeSampleFigure(`${folder}/samples.png`, images, {
            title: "Figure 7: samples",
            caption: "100 samples"
          })
          yield* writeRandomAndFixedLatents(trained, `${folder}/random.png`, "Figure 8: random and fixed latents")
          yield* writeSingleLatents(trained, `${folder}/single.png`, "One random latent")
          yield* writeWildLatents(trained, `${folder}/wild.png`, "Wild latents")
          yield* writeSteps(trained, `${folder}/steps.png`, { title: "Step by step" })
          yield* writeStepsAnimation(trained, `${folder}/steps.webp`)
        }).pipe(Effect.provide(layerRecording(written)))
        const { figures, animations } = yield* Ref.get(written)
        const [seven, eight, nine, ten, six] = figures
        assert.strictEqual(seven?.raster.width, 2 * 12 + 10 * (5 * cell + 3) + 3)
        assert.include(textsOf(seven).join(" "), "Figure 7: samples 100 samples")
        assert.deepStrictEqual(textsOf(eight).slice(0, 3), [
          "Every zₜ drawn from N(0, 1)",
          "Every zₜ = 0",
          "Figure 8: random and fixed latents"
        ])
        assert.deepStrictEqual(textsOf(nine).slice(0, 7), [
          "t = 1",
          "t = 2",
          "t = 3",
          "t = 4",
          "t = 5",
          "t = 6",
          "One random latent"
        ])
        assert.deepStrictEqual(textsOf(ten).slice(0, 4), [
          "z₁ drawn from N(0, 10,000²)",
          "z₃ drawn from N(0, 10,000²)",
          "z₆ drawn from N(0, 10,000²)",
          "Wild latents"
        ])
        assert.deepStrictEqual(textsOf(six).slice(0, 8), [
          "c₀",
          ...["t = 1", "t = 2", "t = 3", "t = 4", "t = 5", "t = 6"],
          "Step by step"
        ])
        // The finished images, held, c_0, and six steps.
        assert.deepStrictEqual(
          animations.map(({ frames }) => frames.map(({ milliseconds }) => milliseconds)),
          [[3000, 500, 500, 500, 500, 500, 500, 500]]
        )
        for (const name of ["steps.png", "steps.webp", "samples.png", "random.png", "single.png", "wild.png"]) {
          assert.isAbove(Number((yield* fs.stat(`${folder}/${name}`)).size), 1000, name)
        }
      }).pipe(Effect.provide([layerOnnxRuntime, NodeServices.layer]))
  )

  it.live("of latents begin with the first samples, row by row", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-probes-" })
      const written = yield* Ref.make<Written>({ figures: [], animations: [] })
      // In colour, too.
      const trained = untrained({}, 3)
      yield* Effect.gen(function* () {
        const samples = yield* plannedImages(trained, standardLatents(4), 20)
        yield* writeSampleFigure(`${folder}/4.png`, samples, { title: "Figure 4" })
        yield* writeRandomAndFixedLatents(trained, `${folder}/random.png`, "Figure 8: random and fixed latents")
      }).pipe(Effect.provide(layerRecording(written)))
      const [four, eight] = (yield* Ref.get(written)).figures.map(({ raster }) => raster)
      assert.isDefined(four)
      assert.isDefined(eight)
      if (four === undefined || eight === undefined) return
      // Two rows of images with the gaps around them, below the margin and, in the latter, a heading of one line.
      const line = four.width * 3
      const rows = 2 * (6 * cell + 3)
      assert.strictEqual(eight.width, four.width)
      assert.strictEqual(four.channels, 3)
      assert.deepStrictEqual(
        eight.pixels.subarray((12 + 20) * line, (12 + 20 + rows) * line),
        four.pixels.subarray(12 * line, (12 + rows) * line)
      )
    }).pipe(Effect.provide([layerOnnxRuntime, NodeServices.layer]))
  )

  it.live(
    "of steps hold a row of them for each sample, those of latents the images of each probe in their places",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fovea-probes-" })
        const written = yield* Ref.make<Written>({ figures: [], animations: [] })
        const trained = untrained()
        const { settings, format, tensors, seed } = trained
        yield* Effect.gen(function* () {
          yield* writeSteps(trained, `${folder}/steps.png`, { title: "Step by step" })
          yield* writeSingleLatents(trained, `${folder}/single.png`, "One random latent")
          yield* writeWildLatents(trained, `${folder}/wild.png`, "Wild latents")
        }).pipe(Effect.provide(layerRecording(written)))
        const [six, nine, ten] = (yield* Ref.get(written)).figures.map(({ raster }) => raster)

        const model = attentionGan(settings, format)
        const { canvases, windows } = yield* sampleTrajectories(model, tensors, { count: 10, seed })
        const [start, ...steps] = canvases
        const scale = enlargementTo(112, format)
        const trajectory = { canvases: steps, windows, ...(start === undefined ? {} : { start }) }
        const drawn = drawnSteps(trajectory, { filters: settings.filters, scale })
        const rows = Array.from({ length: 10 }, (_, n) => drawn.flatMap((cells) => cells.slice(n, n + 1))).flat()
        assertHolds(six, grid(rows, { columns: drawn.length, gap: 4 }), 12, 12 + 20)

        const sheetOf = (plan: LatentPlan, count: number) =>
          Effect.map(plannedImages(trained, plan, count), (images) =>
            grid(
              rastersOf(images).map((raster) => enlarge(raster, cell)),
              { columns: 10, gap: 3 }
            )
          )
        const labels = Math.ceil(textWidth("t = 1", 14)) + 6
        for (const [t, { plan }] of singleStepProbes(4).entries()) {
          assertHolds(nine, yield* sheetOf(plan, 10), 12 + labels, 12 + t * (6 * cell + 3))
        }
        for (const [b, { plan }] of outOfDistributionProbes(4).entries()) {
          const sheet = yield* sheetOf(plan, 30)
          assertHolds(ten, sheet, 12, 12 + 20 + b * (sheet.height + 14 + 20))
        }
      }).pipe(Effect.provide([layerOnnxRuntime, NodeServices.layer]))
  )
})
