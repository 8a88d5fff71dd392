import type { NamedTensors } from "../tensor/TensorData.ts"

const own = "generator."
const averaged = "average."

/**
 * The generator that images are drawn from, `generator.*`: where a training state holds an average of G (`average.*`), the average
 * under G's names, and otherwise G as it is.
 */
export const samplingGenerator = (state: NamedTensors): NamedTensors => ({
  ...trainedGenerator(state),
  ...Object.fromEntries(
    below(state, averaged).map(([path, tensor]) => [`${own}${path.slice(averaged.length)}`, tensor] as const)
  )
})

/** The generator that a training state goes on with, `generator.*`, whether or not there is an average of it. */
export const trainedGenerator = (state: NamedTensors): NamedTensors => Object.fromEntries(below(state, own))

/**
 * A training state as a record that holds tensors of these names has it: a record of `generator.*` alone is a milestone, which holds the
 * generator that is drawn from; any other holds the state as it is.
 */
export const recordedState = (names: ReadonlyArray<string>, state: NamedTensors): NamedTensors =>
  names.every((name) => name.startsWith(own)) ? samplingGenerator(state) : state

const below = (state: NamedTensors, prefix: string) => Object.entries(state).filter(([path]) => path.startsWith(prefix))
