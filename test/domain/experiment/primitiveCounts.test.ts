import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { type PresetName, settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { trainingProgram } from "../../../src/domain/experiment/trainingProgram.ts"
import { modelOf } from "../../../src/domain/model/modelOf.ts"
import { programCost } from "../../../src/domain/tensor/cost.ts"
import { firstModern } from "../../support/firstModern.ts"
import { unclipped } from "../../support/unclipped.ts"

/**
 * Primitives of an update on one shard and on two: at most those of the models that were fused by hand (29 November 2026, commit 0931869),
 * and those that rules have saved since. They may become fewer, never more.
 */
const limits: ReadonlyArray<readonly [PresetName | "first modern", one: number, two: number]> = [
  ["paper", 1529, 1550],
  ["first modern", 3743, 3767],
  ["draw", 3066, 3087],
  ["draw-without-attention", 1519, 1536],
  ["vae", 295, 311],
  ["dcgan", 1026, 1114],
  ["goodfellow", 190, 206]
]

const primitivesOf = (name: (typeof limits)[number][0], shards: number): number => {
  const settings =
    name === "first modern"
      ? settingsFrom("paper", [firstModern])
      : settingsFrom(name, name === "paper" ? [unclipped] : [])
  const { model, training } = Result.getOrThrow(settings)
  const program = trainingProgram(modelOf(model, { channels: 1, height: 28, width: 28 }), { ...training, shards })
  return programCost(program).nodes
}

describe("primitives of an update", () => {
  it.each(limits)("%s: no more than they have been", (preset, one, two) => {
    assert.isAtMost(primitivesOf(preset, 1), one)
    assert.isAtMost(primitivesOf(preset, 2), two)
  })
})
