import { initialise, isParameterSpec, type ParameterSpec, type PixelMarginals } from "../nn/parameter.ts"
import type { NamedSpecs } from "../optim/Optimizer.ts"
import { own } from "../record/own.ts"
import { traced } from "../tensor/origin.ts"
import { type Program as Graph, makeProgram, ProgramError } from "../tensor/Program.ts"
import { pmean } from "../tensor/pmean.ts"
import { ShapeError } from "../tensor/Rule.ts"
import { simplify } from "../tensor/rewrite/simplify.ts"
import type { Shape } from "../tensor/Shape.ts"
import { examplesOfShard, type Sharding } from "../tensor/Sharding.ts"
import { placeholder } from "../tensor/source.ts"
import { isTensor, type Tensor } from "../tensor/Tensor.ts"
import type { NamedTensors } from "../tensor/TensorData.ts"
import { flattenTree, mapRecord } from "../tensor/Tree.ts"
import { type Key, keyAt } from "./Key.ts"
import { type BoundState, bindState, type State, specsOf, tensorsOf } from "./state.ts"

/** What a step makes of its state: the parts of it that change, and what it measures or draws. */
export interface Step<S extends State, O extends string> {
  /** What is left out stays as it is; without any the program is a sampler. */
  readonly next?: { readonly [K in keyof S]?: BoundState<S[K]> }
  readonly outputs: Readonly<Record<O, Tensor>>
}

/** A program as it is written: its state, its inputs and one step. */
export interface Definition<S extends State, I extends string, O extends string> {
  /** Specs of what is kept from step to step. */
  readonly state: S
  /** The shape of each input, examples along the first axis: `{ images: [batch, 1, 28, 28] }`. None if left out. */
  readonly inputs?: Readonly<Record<I, Shape>>
  /** On how many shards of the batch it is computed; 1 if left out. `onShards` makes the same program on others. */
  readonly shards?: number
  /** Of a sampler whose steps move its state (diffusion): how many of them make a sample; 1 if left out. */
  readonly steps?: number
  /** One step, as expressions. A pure function: it is called again for every number of shards. */
  readonly step: (state: BoundState<S>, inputs: Readonly<Record<I, Tensor>>, key: Key) => Step<S, O>
}

/**
 * A program made from a function. It is a graph that every backend compiles, and it knows besides how its state begins, so that
 * training, checkpoints, sampling and export need nothing else.
 */
export interface Program<Input extends string = string, Output extends string = string> extends Graph<Input, Output> {
  /** How each tensor of the state begins, by its path. */
  readonly specs: NamedSpecs
  /** Examples of a batch: the first axis of its inputs, which all have in common; undefined where there are none. */
  readonly batchSize: number | undefined
  /** Steps from the state's beginning to a sample: 1 unless the definition says otherwise. */
  readonly steps: number
  /**
   * The same step on K shards of the batch. Throws a `RangeError` if K does not divide the batch, and a `ProgramError` if the step
   * takes the size of the whole batch for granted.
   */
  readonly onShards: (count: number) => Program<Input, Output>
  /**
   * The graph before anything is rewritten, each of its expressions with the lines that wrote it (`origin`): `step` is called again, and
   * looks up the stack at every expression. What `explain` looks at.
   */
  readonly written: () => Graph<Input, Output>
}

/**
 * A program from a function:
 *
 *     const program = Program.make("least squares", {
 *       state: { line: learner(linearParameters(1, 1), adam(1e-2)) },
 *       inputs: { x: [64, 1], y: [64, 1] },
 *       step: ({ line }, { x, y }) => {
 *         const { next, loss } = descend(line, (p) => mean(square(subtract(linear(p, x), y))))
 *         return { next: { line: next }, outputs: { loss } }
 *       }
 *     })
 *
 * The types of state, inputs and outputs are inferred. Throws a `RangeError` unless the steps are a positive integer, a `ProgramError` naming program and path where the next state
 * does not fit the state, or inputs differ in their first axis (the batch), a `TypeError` where two tensors have one path or an
 * average could be of either of two parameters, and a `ShapeError` where the step's expressions do not fit together.
 *
 * @example
 * ```ts
 * import { linear, linearParameters, Optim, Program } from "fovea"
 * import { mean, square, subtract } from "fovea/tensor"
 *
 * const program = Program.make("least squares", {
 *   state: { line: Program.learner(linearParameters(1, 1), Optim.adam(1e-2)) },
 *   inputs: { x: [64, 1], y: [64, 1] },
 *   step: ({ line }, { x, y }) => {
 *     const { next, loss } = Program.descend(line, (p) => mean(square(subtract(linear(p, x), y))))
 *     return { next: { line: next }, outputs: { loss } }
 *   }
 * })
 * console.log(program.batchSize, Object.keys(program.outputs)) // 64 [ 'loss' ]
 * ```
 */
export const make = <const S extends State, O extends string, I extends string = never>(
  name: string,
  definition: Definition<S, I, O>
): Program<I, O> => {
  const shapes = definition.inputs ?? noInputs<I>()
  const batchSize = batchOf(name, shapes)
  const { steps = 1 } = definition
  if (!Number.isSafeInteger(steps) || steps < 1) throw new RangeError(`${name}: ${steps} steps do not make a sample`)
  const specs = resolved(flattenTree<ParameterSpec>(specsOf(definition.state), isParameterSpec))
  const onShards = (count: number): Program<I, O> => {
    const graph = graphOf(name, definition, shapes, batchSize, count, { source: placeholder, rewriting: simplify })
    const made: Program<I, O> = {
      ...graph,
      specs,
      batchSize,
      steps,
      onShards: (other) => (other === count ? made : onShards(other)),
      written: () => graphOf(name, definition, shapes, batchSize, count, asWritten)
    }
    return made
  }
  return onShards(definition.shards ?? 1)
}

/** Copies begin as the parameters that they are copies of, where those are in the state. */
const resolved = (specs: NamedSpecs): NamedSpecs => {
  const pathsOf = (of: ParameterSpec) => Object.keys(specs).filter((path) => own(specs, path) === of)
  const likeOf = (path: string): string | undefined => {
    const spec = own(specs, path)
    if (spec?.sameAs === undefined) return spec?.initialisedLike
    const origin = originOf(path, spec, pathsOf(spec.sameAs))
    return origin === undefined ? undefined : (likeOf(origin) ?? origin)
  }
  return mapRecord(specs, ({ sameAs: _, initialisedLike: __, ...spec }, path) => {
    const origin = likeOf(path)
    return origin === undefined ? spec : { ...spec, initialisedLike: origin }
  })
}

/** One spec may be at several paths: a copy's own path tells of which it is the copy. */
const originOf = (path: string, { initialiser }: ParameterSpec, paths: ReadonlyArray<string>): string | undefined => {
  const likeness = (other: string) => endInCommon(path.split("."), other.split("."))
  const most = Math.max(...paths.map(likeness))
  const [origin, other] = paths.filter((candidate) => likeness(candidate) === most)
  const isRandom = ["normal", "uniform", "glorot"].includes(initialiser.kind)
  if (origin === undefined || other === undefined || !isRandom) return origin
  throw new TypeError(
    `"${path}" begins as one spec that stands at "${origin}" and "${other}": give each specs of its own`
  )
}

/** How many names are the same at the ends of two paths. */
const endInCommon = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  let count = 0
  while (count < Math.min(a.length, b.length) && a[a.length - 1 - count] === b[b.length - 1 - count]) count++
  return count
}

// `inputs` left out means that there is no name in I, which the compiler cannot know.
const noInputs = <I extends string>(): Readonly<Record<I, Shape>> => ({}) as Readonly<Record<I, Shape>>

const batchOf = (program: string, shapes: Readonly<Record<string, Shape>>): number | undefined => {
  const batches = Object.entries(shapes).map(([input, [batch]]) => ({ input, batch }))
  const [first] = batches
  const other = batches.find(({ batch }) => batch === undefined || batch !== first?.batch)
  if (first === undefined || other === undefined) return first?.batch
  throw new ProgramError(
    other.batch === undefined
      ? `${program}: the input "${other.input}" has no axis; the first axis of an input counts the examples of a batch`
      : `${program}: the inputs "${first.input}" and "${other.input}" hold ${first.batch} and ${other.batch} examples`
  )
}

/** How a step becomes a graph. */
interface Making {
  /** Makes the placeholders of state and inputs. */
  readonly source: typeof placeholder
  readonly rewriting: typeof simplify
}

const asWritten: Making = { source: (name, shape) => traced(placeholder(name, shape)), rewriting: (roots) => roots }

const graphOf = <S extends State, I extends string, O extends string>(
  name: string,
  { state, step }: Definition<S, I, O>,
  shapes: Readonly<Record<I, Shape>>,
  batchSize: number | undefined,
  count: number,
  { source, rewriting }: Making
): Graph<I, O> => {
  if (count !== 1 && batchSize === undefined) {
    throw new RangeError(`${name} has no inputs: there is no batch to divide among ${count} shards`)
  }
  const examples = batchSize === undefined ? undefined : examplesOfShard(batchSize, count)
  const inputs = mapRecord(shapes, (shape, input) =>
    source(input, examples === undefined ? shape : shape.with(0, examples))
  )
  const bound = bindState(state, source)
  const { next = {}, outputs } = madeByStep(
    name,
    onShard(name, count, examples, () => step(bound, inputs, keyAt("")))
  )
  const unknown = Object.keys(next).find((part) => !Object.hasOwn(state, part))
  if (unknown !== undefined) throw new ProgramError(`${name}: the next state has "${unknown}", which the state has not`)
  const shards: Sharding | undefined =
    examples === undefined ? undefined : { count, examples, inputs: Object.keys(inputs) }
  return makeProgram(
    {
      name,
      state: tensorsOf(bound),
      inputs,
      next: tensorsOf({ ...bound, ...next }),
      outputs: mapRecord(outputs, (output) => (output.shape.length === 0 ? pmean(output) : output)),
      ...(shards === undefined ? {} : { shards })
    },
    rewriting
  )
}

/** What a step made, which of a module without types may be anything. Throws a `ProgramError` that says what it is. */
const madeByStep = <S extends State, O extends string>(name: string, made: Step<S, O>): Step<S, O> => {
  const given: unknown = made
  if (typeof given !== "object" || given === null || !("outputs" in given) || typeof given.outputs !== "object") {
    throw new ProgramError(`${name}: its step must give { next, outputs }; it gives no record of outputs`)
  }
  const wrong = Object.entries(given.outputs ?? {}).find(([, output]) => !isTensor(output))
  if (wrong !== undefined)
    throw new ProgramError(`${name}: the output "${wrong[0]}" is ${String(wrong[1])}, not a tensor`)
  return made
}

/** What a step makes for one shard. A step that holds for the whole batch alone is told so. */
const onShard = <A>(name: string, count: number, examples: number | undefined, make: () => A): A => {
  try {
    return make()
  } catch (error) {
    if (count === 1 || !(error instanceof ShapeError)) throw error
    const given = `each of ${count} shards has ${examples} examples, and sizes are to be taken from the inputs: size(x, 0)`
    throw new ProgramError(`${name}: ${given}; ${error.message}`, { cause: error })
  }
}

/**
 * The state before the first step, by path: a pure function of the seed and the paths, and of the pixels' marginals where an
 * initialiser asks for them. Throws a `RangeError` where an initialiser does not fit, or asks for marginals and there are none.
 */
export const initialState = (program: Program, seed: number, marginals?: PixelMarginals): NamedTensors =>
  initialise(program.specs, seed, marginals)
