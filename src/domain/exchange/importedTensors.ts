import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatShape, type Shape, sameShape } from "../tensor/Shape.ts"
import type { NamedTensors, TensorData } from "../tensor/TensorData.ts"

/** A tensor that does not fit where it is to be put; `expected` and `found` are shapes with their types. */
export class TensorMisfit extends Schema.TaggedError<TensorMisfit>()("TensorMisfit", {
  tensor: Schema.String,
  expected: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `tensor "${this.tensor}": expected ${this.expected}, found ${this.found}`
  }
}

/** The first of the expected tensors that is not there in its shape, or `undefined`. */
export const tensorMisfit = (
  expected: Readonly<Record<string, { readonly shape: Shape }>>,
  found: NamedTensors
): TensorMisfit | undefined => {
  for (const [tensor, { shape }] of Object.entries(expected)) {
    const there = found[tensor]
    if (there === undefined || !sameShape(there.shape, shape)) {
      return new TensorMisfit({ tensor, expected: formatShape(shape), found: kindOf(there, false) })
    }
  }
  return undefined
}

/**
 * A training state with parts of it replaced by tensors from elsewhere. A part is what the first word of a path names:
 * `generator`, `discriminator` or `encoder`, `optimizer`. A part that is given must be given whole, in the names, shapes and types of
 * the state, which it replaces bit by bit; parts that are not given stay. Nothing is converted: float64 numbers would
 * be rounded in silence. A generator that is given without an average replaces the average of the old one as well.
 */
export const importedTensors = (
  state: NamedTensors,
  given: NamedTensors
): Result.Result<NamedTensors, TensorMisfit> => {
  const names = Object.keys(given)
  const known = Object.keys(state)
  const unknown = names.find((name) => state[name] === undefined)
  if (unknown !== undefined) {
    return Result.fail(
      new TensorMisfit({
        tensor: unknown,
        expected: `one of ${known.length} names such as "${known[0]}"`,
        found: "this name"
      })
    )
  }
  if (names.length === 0) {
    return Result.fail(
      new TensorMisfit({
        tensor: known[0] ?? "",
        expected: "at least one part of the state",
        found: "no tensors at all"
      })
    )
  }
  const parts = new Set(names.map(partOf))
  for (const [tensor, now] of Object.entries(state)) {
    if (!parts.has(partOf(tensor))) continue
    const there = given[tensor]
    if (there === undefined || !sameShape(there.shape, now.shape) || typeOf(there) !== typeOf(now)) {
      return Result.fail(new TensorMisfit({ tensor, expected: kindOf(now, true), found: kindOf(there, true) }))
    }
  }
  return Result.succeed({ ...state, ...given, ...newAverage(state, given) })
}

/** The given generator as the state's average, where there is one and none is given. */
const newAverage = (state: NamedTensors, given: NamedTensors): NamedTensors =>
  Object.fromEntries(
    Object.entries(given).flatMap(([path, tensor]) => {
      const average = path.replace(/^generator\./, "average.")
      return average !== path && state[average] !== undefined && given[average] === undefined ? [[average, tensor]] : []
    })
  )

const partOf = (path: string): string => path.split(".")[0] ?? path

const typeOf = ({ values }: TensorData): "F32" | "F64" => (values instanceof Float64Array ? "F64" : "F32")

const kindOf = (tensor: TensorData | undefined, withType: boolean): string =>
  tensor === undefined ? "nothing" : `${withType ? `${typeOf(tensor)} ` : ""}${formatShape(tensor.shape)}`
