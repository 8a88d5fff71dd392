import * as fc from "fast-check"
import { sizeOf } from "../../../src/domain/tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../../../src/domain/tensor/TensorData.ts"

/** Tensors of rank 0 to 3 whose bytes are random: every NaN payload, infinities, denormals and -0 occur. */
export const randomTensor: fc.Arbitrary<TensorData> = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }), fc.constantFrom(4, 8))
  .chain(([shape, width]) => {
    const length = sizeOf(shape) * width
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => {
      const buffer = new Uint8Array(bytes).buffer
      return tensorData(shape, width === 8 ? new Float64Array(buffer) : new Float32Array(buffer))
    })
  })

/** Names as models have them, and names that break naive code. */
export const randomName: fc.Arbitrary<string> = fc
  .oneof(
    fc.constantFrom(
      "generator.rnn.input.weight",
      "d.h0",
      "__proto__",
      "constructor",
      "12",
      "",
      'a"b\\c',
      "é\u{1F600}\n"
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.string({ maxLength: 8 })
  )
  .filter((name) => name !== "__metadata__")

export const randomTensors: fc.Arbitrary<NamedTensors> = fc
  .uniqueArray(fc.tuple(randomName, randomTensor), { selector: ([name]) => name, maxLength: 5 })
  .map((entries) => Object.fromEntries(entries))

/** The same with a number in the place of everything that is not finite. */
export const finiteTensors: fc.Arbitrary<NamedTensors> = randomTensors.map((tensors) =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, values }]) => [
      name,
      tensorData(
        shape,
        values.map((value) => (Number.isFinite(value) ? value : -0))
      )
    ])
  )
)

/** Dtype, shape and bits of every tensor, sorted by name: equal exactly if the tensors are equal to the bit. */
export const bitsOf = (tensors: NamedTensors): ReadonlyArray<readonly [string, string]> =>
  Object.entries(tensors)
    .map(([name, { shape, values }]): readonly [string, string] => {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
      return [name, `${values.constructor.name} ${shape.join("x")} ${bytes.toString("hex")}`]
    })
    .sort(([left], [right]) => (left < right ? -1 : 1))
