import { anyBatch, programForAnyBatch } from "../tensor/anyBatch.ts"
import { isUnchanged, makeProgram, type NamedExpressions, type Program } from "../tensor/Program.ts"
import {
  type DropoutMasks,
  type LatentInput,
  latentInputs,
  latentPlaceholder,
  withExplicitNoise
} from "../tensor/rewrite/explicitNoise.ts"
import type { Tensor } from "../tensor/Tensor.ts"
import { mapRecord, type Tree } from "../tensor/Tree.ts"

/** What samples are made of, as a function of the batch, its noise within it. */
export interface Sampled<Input extends string, Output extends string> {
  /** Parameters, which stay as they are. */
  readonly state: Tree<Tensor>
  readonly inputs: Readonly<Record<Input, Tensor>>
  readonly outputs: Readonly<Record<Output, Tensor>>
}

/** One program for any batch, and what it must be given for random numbers. */
export interface PureProgram<Input extends string = string, Output extends string = string> {
  readonly name: string
  /** Inputs that stand for random numbers: the caller draws them. */
  readonly latents: ReadonlyArray<LatentInput>
  /** Its state are the parameters, by path, which no step changes. */
  readonly program: Program<Input, Output>
}

/**
 * How noise becomes inputs; `isKnown` for models of ours that tests have tried for other batches (see `programForAnyBatch`), `isSimple` for
 * expressions of a program that has been made, and need not be simplified again.
 */
export interface PureOptions {
  readonly prefix: string
  readonly dropout: DropoutMasks
  readonly isKnown?: boolean
  readonly isSimple?: boolean
}

/**
 * Samples as a pure function: one program for any batch, whose noise has become inputs `[batch, ...]` under the streams' names
 * without `prefix`. Throws a `ProgramError` where noise or something else cannot be made for every batch.
 */
export const pureProgram = <Input extends string, Output extends string>(
  name: string,
  sampled: (batch: number) => Sampled<Input, Output>,
  { prefix, dropout, isKnown = false, isSimple = false }: PureOptions
): PureProgram<Input, Output> => {
  const first = sampled(anyBatch)
  const latents = latentInputs(Object.values<Tensor>(first.outputs), prefix, dropout)
  const made = (batch: number): Program<Input, Output> => {
    const { state, inputs, outputs } = batch === anyBatch ? first : sampled(batch)
    const explicit = withExplicitNoise(Object.values<Tensor>(outputs), latents, { prefix, dropout, batch })
    const drawn: NamedExpressions = Object.fromEntries(
      latents.map((input) => [input.name, latentPlaceholder(input, batch)])
    )
    const places = new Map(Object.keys(outputs).map((output, i) => [output, i]))
    const described = {
      name,
      state,
      inputs: { ...drawn, ...inputs },
      next: state,
      outputs: mapRecord(outputs, (tensor, output) => explicit[places.get(output) ?? -1] ?? tensor)
    }
    return isSimple ? makeProgram<Input, Output>(described, (roots) => roots) : makeProgram<Input, Output>(described)
  }
  return { name, latents, program: programForAnyBatch(made, isKnown) }
}

/** A step of a program with the state that it moves as inputs, by path, and what it makes of that as outputs besides the program's own. */
export const stepAsFunction = ({ state, inputs, outputs, next, ...program }: Program): Sampled<string, string> => {
  const moved = Object.keys(state).filter((path) => !isUnchanged({ ...program, state, inputs, outputs, next }, path))
  const of = (expressions: NamedExpressions, isMoved: boolean): NamedExpressions =>
    Object.fromEntries(Object.entries(expressions).filter(([path]) => moved.includes(path) === isMoved))
  const made = Object.entries(of(next, true)).map(([path, tensor]) => [nextName(path), tensor] as const)
  return {
    state: of(state, false),
    inputs: { ...inputs, ...of(state, true) },
    outputs: { ...outputs, ...Object.fromEntries(made) }
  }
}

/** The output of `stepAsFunction` that is the state at a path after the step. */
export const nextName = (path: string): string => `next ${path}`
