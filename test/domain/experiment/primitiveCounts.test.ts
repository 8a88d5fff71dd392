import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { trainingProgram } from "../../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { firstDraw } from "../../support/firstDraw.ts"
import { firstModern } from "../../support/firstModern.ts"
import { unclipped } from "../../support/unclipped.ts"

/**
 * Primitives of an update on one shard and on two: at most those of the models that were fused by hand (29 November 2026, commit 0931869),
 * and those that rules have saved since. They may become fewer, never more. Clipping came on 30 November.
 */
const limits = [
  ["paper", settingsFrom("paper"), 1608, 1631],
  ["paper, gradients of any norm", settingsFrom("paper", [unclipped]), 1529, 1550],
  ["first modern", settingsFrom("paper", [firstModern]), 3743, 3767],
  ["draw, 10 glimpses", settingsFrom("draw", [firstDraw]), 3066, 3087],
  ["draw-without-attention", settingsFrom("draw-without-attention"), 1519, 1536],
  ["vae", settingsFrom("vae"), 295, 311],
  ["dcgan", settingsFrom("dcgan"), 1026, 1114],
  ["goodfellow", settingsFrom("goodfellow"), 190, 206]
] as const

const primitivesOf = (settings: (typeof limits)[number][1], shards: number): number => {
  const { model, training } = Result.getOrThrow(settings)
  const program = trainingProgram(modelOf(model, { channels: 1, height: 28, width: 28 }), { ...training, shards })
  return programCost(program).nodes
}

describe("primitives of an update", () => {
  it.each(limits)("%s: no more than they have been", (_, settings, one, two) => {
    assert.isAtMost(primitivesOf(settings, 1), one)
    assert.isAtMost(primitivesOf(settings, 2), two)
  })
})
