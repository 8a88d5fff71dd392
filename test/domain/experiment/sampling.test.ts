import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { imagesProgram, samplingStream, trajectoryProgram } from "../../../src/domain/experiment/sampling.ts"
import { attentionGan } from "../../../src/domain/model/attention-gan/AttentionGan.ts"
import type { AdversarialModel } from "../../../src/domain/model/TrainableModel.ts"
import { broadcast } from "../../../src/domain/tensor/broadcast.ts"
import { inputsFirst } from "../../../src/domain/tensor/order.ts"
import { isUnchanged, type Program, ProgramError } from "../../../src/domain/tensor/Program.ts"
import { smallModels } from "../model/smallModels.ts"

const batches = fc.integer({ min: 1, max: 3 })

/** Stream and shape of every noise source, sorted. */
const noiseOf = (program: Program): ReadonlyArray<string> =>
  inputsFirst(Object.values(program.outputs))
    .flatMap((node) => (node.op === "noise" ? [JSON.stringify([node.parameters.stream, node.shape])] : []))
    .sort()

describe("sampling programs", () => {
  it("have the shapes that they state, and change no state", () => {
    fc.assert(
      fc.property(smallModels, batches, ({ settings, format }, batch) => {
        const model = attentionGan(settings, format)
        const image = [format.channels, format.height, format.width]
        const images = imagesProgram(model, batch)
        assert.deepStrictEqual([...images.outputs.images.shape], [batch, ...image])
        const { outputs, state } = trajectoryProgram(model, batch)
        assert.deepStrictEqual([...outputs.canvases.shape], [batch, settings.glimpses + 1, ...image])
        assert.deepStrictEqual([...outputs.windows.shape], [batch, settings.glimpses, 5])
        assert.deepStrictEqual(Object.keys(state), Object.keys(images.state))
        for (const path of Object.keys(state)) {
          assert.match(path, /^generator\./)
          assert.isTrue(isUnchanged(images, path))
        }
      }),
      { numRuns: 20 }
    )
  })

  it("draw the same noise, from the stream for sampling alone", () => {
    fc.assert(
      fc.property(smallModels, batches, ({ settings, format }, batch) => {
        const model = attentionGan(settings, format)
        const noise = noiseOf(imagesProgram(model, batch))
        assert.deepStrictEqual(noiseOf(trajectoryProgram(model, batch)), noise)
        assert.isNotEmpty(noise)
        for (const source of noise) assert.isTrue(source.startsWith(`["${samplingStream}/`), source)
      }),
      { numRuns: 20 }
    )
  })

  it("a model that does not draw step by step has no trajectories", () => {
    const bias = { shape: [1, 1, 2, 2], initialiser: { kind: "constant", value: 0 } } as const
    const model: AdversarialModel<{ readonly bias: typeof bias }, { readonly bias: typeof bias }> = {
      name: "one stroke",
      objective: "adversarial",
      format: { channels: 1, height: 2, width: 2 },
      generator: {
        parameters: { bias },
        generate: (parameters, { batch }) => ({ images: broadcast(parameters.bias, [batch, 1, 2, 2]) })
      },
      discriminator: { parameters: { bias }, logits: () => assert.fail("not needed") }
    }
    assert.throws(() => trajectoryProgram(model, 2), ProgramError, "one stroke does not draw step by step")
    assert.deepStrictEqual([...imagesProgram(model, 2).outputs.images.shape], [2, 1, 2, 2])
  })
})
