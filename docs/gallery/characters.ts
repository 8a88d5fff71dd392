// A gated recurrent network that reads this library's guides, character by character, and then writes in their manner.
import * as Arr from "effect/Array"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import {
  crossEntropy,
  Data,
  gruCellParameters,
  gruStep,
  linear,
  linearParameters,
  Optim,
  Program,
  Sampling,
  Training
} from "fovea"
import {
  chunks,
  concatenate,
  divide,
  fromOneHot,
  oneHot,
  reshape,
  sliceAxis,
  softmax,
  stack,
  take,
  zeros
} from "fovea/tensor"

// A character is a byte, so that any text will do. The byte 0 stands for the one before the first.
const [batch, length, written, units, kinds, updates] = [32, 48, 400, 192, 256, 3000]
const pages = ["backends", "data", "guide", "performance", "reliability", "systems"].map((name) => `docs/${name}.md`)
const parameters = { cell: gruCellParameters(kinds, units), readout: linearParameters(units, kinds) }
const model = Program.learner(parameters, Optim.adam(Optim.cosine(3e-3, updates)))

const program = Program.make("characters", {
  state: { model },
  inputs: { text: [batch, length] },
  step: ({ model }, { text }) => {
    const before = concatenate([zeros([batch, 1]), sliceAxis(text, 1, 0, length - 1)], 1)
    const { next, loss } = Program.descend(model, ({ cell, readout }) => {
      const read = chunks(oneHot(before, kinds), 1, length).map((x) => take(x, 1, 0))
      const hidden = Arr.scan(read, zeros([batch, units]), gruStep(cell, "tanh"))
      return crossEntropy(linear(readout, stack(hidden.slice(1), 1)), oneHot(text, kinds))
    })
    return { next: { model: next }, outputs: { bits: divide(loss, Math.LN2) } }
  }
})

const writer = (count: number) =>
  Program.make("writer of characters", {
    state: { model, hidden: Program.buffer([count, units]), text: Program.buffer([count, written]) },
    steps: written,
    step: ({ model, hidden, text }, _, key) => {
      const { cell, readout } = model.parameters
      const last = oneHot(take(text, 1, written - 1), kinds)
      const next = gruStep(cell, "tanh")(hidden, last)
      const drawn = fromOneHot(key("character").categorical(softmax(linear(readout, next))))
      const longer = concatenate([sliceAxis(text, 1, 1, written - 1), reshape(drawn, [count, 1])], 1)
      return { next: { hidden: next, text: longer }, outputs: { text: longer } }
    }
  })

export default Training.recipe({
  program,
  data: Data.textFrom(pages, { length, stride: 8 }),
  updates,
  seed: 1,
  sampler: writer,
  show: ({ tensors }) =>
    Effect.gen(function* () {
      const data = yield* Data.textFrom(["docs/measures.md"], { length })
      const { bits } = yield* Training.measure(program, tensors, { data, seed: 1 })
      const { text } = yield* Sampling.run(writer(1), tensors, { count: 1, seed: 1 })
      yield* Console.log(`${bits} bits a character of a page it has not read. It writes:\n${Buffer.from(text.values)}`)
    })
})
