import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { own } from "../record/own.ts"
import { formatShape, type Shape, sameShape } from "../tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../tensor/TensorData.ts"
import { quotedText } from "../text/terminalText.ts"

/** A tensor that does not fit where it is to be put; `expected` and `found` are shapes, or say what else is wrong. */
export class TensorMismatch extends Schema.TaggedError<TensorMismatch>()("TensorMismatch", {
  tensor: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `tensor ${quotedText(this.tensor)}: expected ${this.expected}, found ${this.found}`
  }
}

/** The first of the expected tensors that is not there in its shape, or `undefined`. */
export const tensorMismatch = (
  expected: Readonly<Record<string, { readonly shape: Shape }>>,
  found: NamedTensors
): TensorMismatch | undefined => {
  for (const [tensor, { shape }] of Object.entries(expected)) {
    const there = own(found, tensor)
    if (there === undefined || !sameShape(there.shape, shape)) {
      return new TensorMismatch({ tensor, expected: formatShape(shape), found: kindOf(there) })
    }
  }
  return undefined
}

/** A float64 number that would be rounded where it is to be put. */
export class RoundingNeeded extends Schema.TaggedError<RoundingNeeded>()("RoundingNeeded", {
  tensor: Schema.String,
  /** Place in the tensor, row-major. */
  at: Schema.Int,
  value: Schema.Number
}) {
  override get message(): string {
    return `tensor ${quotedText(this.tensor)}: its number ${this.value} at [${this.at}] is no float32 number`
  }
}

/** How tensors are taken over. */
export interface ImportRules {
  /** Whether float64 numbers are rounded to the nearest float32 ones where the state holds these; otherwise they are refused. */
  readonly rounding: boolean
}

/**
 * A training state with parts of it replaced by tensors from elsewhere. A part is what the first word of a path names:
 * `generator`, `discriminator` or `encoder`, `optimizer`. A part that is given must be given whole, in the names and shapes of
 * the state, which it replaces; parts that are not given stay. Numbers get the state's type where that loses nothing, or where
 * the rules allow rounding; all must be finite. A generator that is given without an average replaces the average of the
 * old one as well.
 */
export const importedTensors = (
  state: NamedTensors,
  given: NamedTensors,
  rules: ImportRules
): Result.Result<NamedTensors, TensorMismatch | RoundingNeeded> =>
  Result.gen(function* () {
    const names = Object.keys(given)
    const known = Object.keys(state)
    const unknown = names.find((name) => own(state, name) === undefined)
    if (unknown !== undefined) {
      const expected = `one of ${known.length} names such as "${known[0]}"`
      return yield* Result.fail(new TensorMismatch({ tensor: unknown, expected, found: "this name" }))
    }
    if (names.length === 0) {
      const expected = "at least one part of the state"
      return yield* Result.fail(new TensorMismatch({ tensor: known[0] ?? "", expected, found: "no tensors at all" }))
    }
    const parts = new Set(names.map(partOf))
    const taken: Array<readonly [string, TensorData]> = []
    for (const [tensor, now] of Object.entries(state)) {
      if (!parts.has(partOf(tensor))) continue
      const there = own(given, tensor)
      if (there === undefined || !sameShape(there.shape, now.shape)) {
        const [expected, found] = [formatShape(now.shape), kindOf(there)]
        return yield* Result.fail(new TensorMismatch({ tensor, expected, found }))
      }
      taken.push([tensor, yield* inTypeOf(now, tensor, there, rules)])
    }
    const replaced = Object.fromEntries(taken)
    return { ...state, ...replaced, ...newAverage(state, replaced) }
  })

/** Finite numbers in the type of those that they replace. */
const inTypeOf = (
  now: TensorData,
  tensor: string,
  given: TensorData,
  { rounding }: ImportRules
): Result.Result<TensorData, TensorMismatch | RoundingNeeded> => {
  const notFinite = (values: TensorData["values"]) => values.find((value) => !Number.isFinite(value))
  const misfit = (found: string) => Result.fail(new TensorMismatch({ tensor, expected: "finite numbers", found }))
  const wrong = notFinite(given.values)
  if (wrong !== undefined) return misfit(String(wrong))
  if (now.values instanceof Float64Array) {
    return Result.succeed(tensorData(given.shape, Float64Array.from(given.values)))
  }
  const values = Float32Array.from(given.values)
  const at = rounding ? -1 : given.values.findIndex((value, i) => value !== values[i])
  if (at >= 0) return Result.fail(new RoundingNeeded({ tensor, at, value: given.values[at] ?? Number.NaN }))
  const large = given.values.find((_, i) => !Number.isFinite(values[i]))
  return large === undefined
    ? Result.succeed(tensorData(given.shape, values))
    : misfit(`${large}, which is beyond float32`)
}

/** The given generator as the state's average, where there is one and none is given. */
const newAverage = (state: NamedTensors, given: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(given).flatMap(([path, tensor]) => {
      const average = path.replace(/^generator\./, "average.")
      const replaces = average !== path && own(state, average) !== undefined && own(given, average) === undefined
      return replaces ? [[average, tensor]] : []
    })
  )

const partOf = (path: string): string => path.split(".")[0] ?? path

const kindOf = (tensor: TensorData | undefined): string =>
  tensor === undefined ? "nothing" : formatShape(tensor.shape)
