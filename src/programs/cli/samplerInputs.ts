import { Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Program } from "../../domain/program/Program.ts"
import { own } from "../../domain/record/own.ts"
import { formatShape, type Shape, sameShape, sizeOf } from "../../domain/tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../domain/tensor/TensorData.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { readNpy } from "../../layers/samples/readSamples.ts"
import { UsageError } from "./userError.ts"

/** What a sampler of one's own is given: labels, latents. */
export const inputFlag = Flag.KeyValuePair("input").pipe(
  Flag.withDescription(
    "NAME=FILE.npy: an input of the module's sampler, a row a sample; NAME=3: class 3, or the number, for every sample"
  ),
  Flag.optional
)

/** Why `--input` is refused without `--module`. */
export const onlyModules = "goes with --module: the bundled systems take no inputs"

/**
 * The inputs of a sampler, `[count, ...]` each, of what `--input` says. Fails with a `UsageError` that names the input and both shapes
 * where it does not fit, or is missing, and as `readNpy` does.
 */
export const samplerInputs = Effect.fnUntraced(function* (
  sampler: Program,
  flag: Option.Option<Readonly<Record<string, string>>>,
  count: number
) {
  const given = Option.getOrElse(flag, (): Readonly<Record<string, string>> => ({}))
  const failed = (problem: string) => new UsageError({ flag: "--input", problem })
  const there = Object.entries(sampler.inputs).map(([name, { shape }]) => describe(name, shape))
  const unknown = Object.keys(given).find((name) => own(sampler.inputs, name) === undefined)
  if (unknown !== undefined) {
    return yield* failed(`${quotedText(unknown)} is no input of the sampler, which has ${there.join(", ") || "none"}`)
  }
  const inputs: Array<readonly [string, TensorData]> = []
  for (const [name, { shape }] of Object.entries(sampler.inputs)) {
    const value = own(given, name)
    if (value === undefined) {
      const problem = `the sampler's ${describe(name, shape)} is missing: give --input ${name}=FILE.npy, or ${name}=3 for class 3`
      return yield* failed(problem)
    }
    const example = shape.slice(1)
    const number = value.trim() === "" ? Number.NaN : Number(value)
    const data = Number.isNaN(number) ? yield* readNpy(value) : sameForAll(number, example, count)
    const wanted = [count, ...example]
    if (data === undefined) {
      const what = sizeOf(example) > 1 ? `a class of 0 to ${sizeOf(example) - 1}` : "a number"
      return yield* failed(`${name}=${value}: expected FILE.npy with ${formatShape(wanted)} numbers, or ${what}`)
    }
    if (!sameShape(data.shape, wanted)) {
      return yield* failed(
        `${value} holds ${formatShape(data.shape)} numbers, but ${count} samples take ${formatShape(wanted)}`
      )
    }
    inputs.push([name, tensorData(wanted, Float32Array.from(data.values))])
  }
  const all: NamedTensors = Object.fromEntries(inputs)
  return all
})

const describe = (name: string, shape: Shape): string =>
  `input "${name}" [${["samples", ...shape.slice(1)].join(", ")}]`

/** One number, or a class of an input that counts classes, for every sample. */
const sameForAll = (number: number, example: Shape, count: number): TensorData | undefined => {
  const size = sizeOf(example)
  const shape = [count, ...example]
  if (size === 1) return tensorData(shape, new Float32Array(count).fill(number))
  if (example.length > 1 || !Number.isSafeInteger(number) || number < 0 || number >= size) return undefined
  return tensorData(
    shape,
    Float32Array.from({ length: count * size }, (_, i) => Number(i % size === number))
  )
}
