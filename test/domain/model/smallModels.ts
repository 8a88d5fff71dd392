import * as fc from "fast-check"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import { AttentionGanSettings } from "../../../src/domain/model/attention-gan/AttentionGanSettings.ts"
import type { ImageFormat } from "../../../src/domain/model/GenerativeModel.ts"
import { activationNames } from "../../../src/domain/nn/activation.ts"
import { parameterPlaceholders } from "../../../src/domain/nn/parameter.ts"
import { isTensor } from "../../../src/domain/tensor/Tensor.ts"
import { flattenTree } from "../../../src/domain/tensor/Tree.ts"
import { normals } from "../../support/randomNumbers.ts"

/** The numbers of section 3.2. */
export const paperSettings = new AttentionGanSettings({
  kind: "attention-gan",
  filters: 5,
  glimpses: 6,
  units: 256,
  latentSize: 100,
  activation: { generator: "tanh", discriminator: "tanh" },
  canvas: "sigmoid",
  canvasStart: "marginals",
  windowScale: 0.1,
  initialHiddenDeviation: 0.1
})

export const mnistFormat: ImageFormat = { channels: 1, height: 28, width: 28 }

/** The paper's settings, but so small that plain loops and finite differences are quick. */
export const smallSettings = (changes: Partial<ConstructorParameters<typeof AttentionGanSettings>[0]> = {}) =>
  new AttentionGanSettings({ ...paperSettings, filters: 2, glimpses: 2, units: 3, latentSize: 2, ...changes })

/** Small models of every kind, for images of unequal axes and several channels. */
export const smallModels = fc
  .record({
    filters: fc.integer({ min: 2, max: 3 }),
    glimpses: fc.integer({ min: 1, max: 3 }),
    reader: fc.option(
      fc.record({ filters: fc.integer({ min: 2, max: 3 }), glimpses: fc.integer({ min: 1, max: 3 }) }),
      { nil: undefined }
    ),
    units: fc.integer({ min: 1, max: 4 }),
    latentSize: fc.integer({ min: 1, max: 3 }),
    generator: fc.constantFrom(...activationNames),
    discriminator: fc.constantFrom(...activationNames),
    canvas: fc.constantFrom("sigmoid" as const, "linear" as const),
    channels: fc.integer({ min: 1, max: 2 }),
    height: fc.integer({ min: 2, max: 6 }),
    width: fc.integer({ min: 2, max: 6 })
  })
  .map(({ channels, height, width, generator, discriminator, reader, ...rest }) => ({
    settings: smallSettings({ ...rest, ...(reader && { reader }), activation: { generator, discriminator } }),
    format: { channels, height, width }
  }))

/** Parameters of both players as placeholders, as trees and by path. */
export const placeholdersOf = (settings: AttentionGanSettings, format: ImageFormat) => {
  const model = attentionGan(settings, format)
  const generator = parameterPlaceholders(model.generator.parameters, "generator")
  const discriminator = parameterPlaceholders(model.discriminator.parameters, "discriminator")
  return {
    model,
    generator,
    discriminator,
    generatorByPath: flattenTree({ generator }, isTensor),
    discriminatorByPath: flattenTree({ discriminator }, isTensor)
  }
}

/**
 * Random numbers for placeholders by path. Those that place the windows are small, so that Gaussians do not underflow
 * where plain loops divide by their sum.
 */
export const numbersFor = (
  seed: number,
  placeholders: Readonly<Record<string, { readonly shape: ReadonlyArray<number> }>>
): Record<string, Float64Array> =>
  Object.fromEntries(
    Object.entries(placeholders).map(([path, { shape }]) => [
      path,
      normals(seed, path, shape, path.includes("window") ? 0.1 : 0.6)
    ])
  )

/** The entries under a prefix, by the rest of their path. */
export const under = <Value>(
  prefix: string,
  record: Readonly<Record<string, Value>>
): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    Object.entries(record).flatMap(([path, value]) =>
      path.startsWith(`${prefix}.`) ? [[path.slice(prefix.length + 1), value] as const] : []
    )
  )

/** Seeds of `normals`. */
export const seeds = fc.nat({ max: 1_000_000 })
