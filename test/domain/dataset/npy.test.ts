import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { encodeNpy } from "../../../src/domain/dataset/npy.ts"
import { tensorData } from "../../../src/domain/tensor/TensorData.ts"

/** Reads a file by the format's description (numpy.lib.format, version 1.0), checking every byte before the numbers. */
const parse = (bytes: Uint8Array) => {
  assert.deepStrictEqual([...bytes.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerLength = view.getUint16(8, true)
  const start = 10 + headerLength
  assert.strictEqual(start % 64, 0)
  const header = new TextDecoder("ascii").decode(bytes.subarray(10, start))
  const match = /^\{'descr': '(<f4)', 'fortran_order': (False), 'shape': \(([^)]*)\), \} *\n$/.exec(header)
  assert.isNotNull(match, header)
  const shape = (match?.[3] ?? "")
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number)
  // Python reads "(3)" as a number and "(3,)" as a tuple.
  if (shape.length === 1) assert.match(header, /\(\d+,\)/)
  const values = Array.from({ length: (bytes.length - start) / 4 }, (_, i) => view.getFloat32(start + 4 * i, true))
  return { shape, values }
}

describe("encodeNpy", () => {
  it("writes what a reader of the format reads back", () => {
    const tensors = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }).chain((shape) =>
      fc
        .float32Array({
          minLength: shape.reduce((product, n) => product * n, 1),
          maxLength: shape.reduce((product, n) => product * n, 1)
        })
        .map((values) => tensorData(shape, values))
    )
    fc.assert(
      fc.property(tensors, (tensor) => {
        const { shape, values } = parse(encodeNpy(tensor))
        assert.deepStrictEqual(shape, [...tensor.shape])
        assert.deepStrictEqual(values, [...tensor.values])
      })
    )
  })

  it("writes 100 pictures of 28 x 28 in as many bytes as NumPy does", () => {
    const bytes = encodeNpy(tensorData([100, 28, 28], new Float32Array(100 * 28 * 28)))
    assert.strictEqual(bytes.length, 128 + 4 * 100 * 28 * 28)
  })

  it("rounds float64 to float32", () => {
    const { values } = parse(encodeNpy(tensorData([1], Float64Array.of(0.1))))
    assert.deepStrictEqual(values, [Math.fround(0.1)])
  })
})
