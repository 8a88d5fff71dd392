import type { ParameterSpec } from "../../../src/domain/nn/parameter.ts"
import { counter } from "../../../src/domain/optim/Optimizer.ts"
import { sgd } from "../../../src/domain/optim/optimizers.ts"
import { descend, learner } from "../../../src/domain/program/Learner.ts"
import { make } from "../../../src/domain/program/Program.ts"
import { add, multiply } from "../../../src/domain/tensor/arithmetic.ts"
import { mean } from "../../../src/domain/tensor/reduction.ts"

const number: ParameterSpec = { shape: [], initialiser: { kind: "constant", value: 1 } }

/** What the compiler refuses: `npm run check` tests these lines, and nothing runs them. */
export const notCompiled = () => {
  const program = make("typed", {
    state: { G: learner({ w: number }, sgd(0.1)), count: counter },
    inputs: { x: [4, 1] },
    step: ({ G, count }, { x }) => {
      const { next, loss } = descend(G, (p) => mean(multiply(p.w, x)))
      return { next: { G: next, count: add(count, 1) }, outputs: { loss } }
    }
  })
  // @ts-expect-error: the output is "loss"
  program.outputs.los
  // @ts-expect-error: the input is "x"
  program.inputs.images
  make("state", {
    state: { G: learner({ w: number }, sgd(0.1)) },
    // @ts-expect-error: the state has no "D"
    step: ({ D }) => ({ outputs: { D } })
  })
  make("parameters", {
    state: { G: learner({ w: number }, sgd(0.1)) },
    // @ts-expect-error: the parameter is "w"
    step: ({ G }) => ({ outputs: { v: G.parameters.v } })
  })
  make("inputs", {
    state: {},
    inputs: { x: [4, 1] },
    // @ts-expect-error: the input is "x"
    step: (_, { y }) => ({ outputs: { y } })
  })
  make("next of another form", {
    state: { G: learner({ w: number }, sgd(0.1)) },
    // @ts-expect-error: a learner's next is a learner, not its parameter
    step: ({ G }) => ({ next: { G: G.parameters.w }, outputs: {} })
  })
  make("no inputs", {
    state: { w: number },
    // @ts-expect-error: there are no inputs
    step: ({ w }, { x }) => ({ outputs: { w, x } })
  })
}
