import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { imagesProgram, samplingStream } from "../../../../src/domain/experiment/sampling.ts"
import { attentionGan } from "../../../../src/domain/model/attention-gan/AttentionGan.ts"
import { generateImages } from "../../../../src/domain/model/attention-gan/attentionGenerator.ts"
import { pickFreezeProgram, secondStream, stepsFromSecond } from "../../../../src/domain/paper/probe/pickFreeze.ts"
import { isUnchanged } from "../../../../src/domain/tensor/Program.ts"
import { normalNoise, placeholder } from "../../../../src/domain/tensor/source.ts"
import { assertClose } from "../../../support/assertClose.ts"
import { evaluateOne } from "../../../support/evaluateNamed.ts"
import { numbersFor, placeholdersOf, seeds, smallModels, smallSettings } from "../../model/smallModels.ts"

const batch = 2
const noise = { seed: 5, step: 3 }

describe("the pick-freeze program", () => {
  it("takes each latent from the stream that it is told to", () => {
    fc.assert(
      fc.property(smallModels, seeds, fc.nat(7), ({ settings, format }, seed, bits) => {
        const { glimpses, latentSize } = settings
        const steps = Array.from({ length: glimpses }, (_, i) => i + 1).filter((t) => (bits >> (t - 1)) % 2 === 1)
        const program = pickFreezeProgram(settings, format, batch)
        const numbers = numbersFor(seed, program.state)
        const second = stepsFromSecond(glimpses, steps)
        const found = evaluateOne(program.outputs.images, { ...numbers, second: second.values }, noise)

        const size = [glimpses, batch, latentSize]
        const [a, b] = [samplingStream, secondStream].map((stream) =>
          evaluateOne(normalNoise(`${stream}/z`, size), {}, noise)
        )
        const mixed = (a ?? new Float64Array(0)).map((value, i) => {
          const step = Math.floor(i / (batch * latentSize)) + 1
          return steps.includes(step) ? (b?.[i] ?? Number.NaN) : value
        })
        const latents = placeholder("latents", size)
        const { images } = generateImages(placeholdersOf(settings, format).generator, settings, format, latents)
        assertClose(found, evaluateOne(images, { ...numbers, latents: mixed }), 1e-9)
      }),
      { numRuns: 25 }
    )
  })

  it("draws the samples where nothing is taken from the second stream, by the settings' plan", () => {
    const latentPlan = [
      { mean: 1, deviation: 2 },
      { mean: 0, deviation: 0.5 }
    ]
    const settings = smallSettings({ latentPlan })
    const format = { channels: 1, height: 5, width: 4 }
    const program = pickFreezeProgram(settings, format, batch)
    const numbers = numbersFor(1, program.state)
    const { images } = imagesProgram(attentionGan(settings, format), batch).outputs
    const found = evaluateOne(program.outputs.images, { ...numbers, second: stepsFromSecond(2, []).values }, noise)
    assertClose(found, evaluateOne(images, numbers, noise), 1e-12)
    for (const path of Object.keys(program.state)) assert.isTrue(isUnchanged(program, path))
    assert.deepStrictEqual([...program.outputs.images.shape], [batch, 1, 5, 4])
  })

  it("is told by steps, which there must be", () => {
    assert.deepStrictEqual([...stepsFromSecond(4, [3, 1]).values], [1, 0, 1, 0])
    for (const step of [0, 5, 1.5]) assert.throws(() => stepsFromSecond(4, [step]), RangeError, `not at ${step}`)
  })
})
