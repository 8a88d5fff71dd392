import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { decodeNpy, encodeNpy } from "../../../src/domain/data/npy.ts"
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

  it("writes 100 images of 28 x 28 in as many bytes as NumPy does", () => {
    const bytes = encodeNpy(tensorData([100, 28, 28], new Float32Array(100 * 28 * 28)))
    assert.strictEqual(bytes.length, 128 + 4 * 100 * 28 * 28)
  })

  it("rounds float64 to float32", () => {
    const { values } = parse(encodeNpy(tensorData([1], Float64Array.of(0.1))))
    assert.deepStrictEqual(values, [Math.fround(0.1)])
  })
})

/** A file as NumPy writes it, of any header. */
const file = (header: string, data: Uint8Array, version = 1): Uint8Array => {
  const text = new TextEncoder().encode(`${header}\n`)
  const lengthBytes = version === 1 ? 2 : 4
  const bytes = new Uint8Array(8 + lengthBytes + text.length + data.length)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0])
  const view = new DataView(bytes.buffer)
  if (version === 1) view.setUint16(8, text.length, true)
  else view.setUint32(8, text.length, true)
  bytes.set(text, 8 + lengthBytes)
  bytes.set(data, 8 + lengthBytes + text.length)
  return bytes
}

const header = (type: string, shape: string, order = "False") =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }`

describe("decodeNpy", () => {
  it("reads back what encodeNpy wrote, wherever in a buffer it lies", () => {
    const tensors = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, n) => product * n, 1)
      return fc.float32Array({ minLength: size, maxLength: size }).map((values) => tensorData(shape, values))
    })
    fc.assert(
      fc.property(tensors, fc.nat(7), (tensor, offset) => {
        const bytes = encodeNpy(tensor)
        const shifted = new Uint8Array(bytes.length + offset)
        shifted.set(bytes, offset)
        const { shape, values } = Result.getOrThrow(decodeNpy(shifted.subarray(offset)))
        assert.deepStrictEqual(shape, [...tensor.shape])
        assert.deepStrictEqual(values, tensor.values)
      })
    )
  })

  it.each([1, 2, 3])("reads bytes and float64 of format %i", (version) => {
    const bytes = Result.getOrThrow(decodeNpy(file(header("|u1", "3,"), Uint8Array.of(0, 7, 255), version)))
    assert.deepStrictEqual(bytes, { shape: [3], values: Uint8Array.of(0, 7, 255) })
    const numbers = Float64Array.of(0.1, -2, Number.NaN, 1e300)
    const doubles = decodeNpy(file(header("<f8", "2, 2"), new Uint8Array(numbers.buffer), version))
    assert.deepStrictEqual(Result.getOrThrow(doubles), { shape: [2, 2], values: numbers })
  })

  it("reads 32 dimensions, a header of 65,535 bytes, and sizes with spaces behind", () => {
    const read = (bytes: Uint8Array) => Result.getOrThrow(decodeNpy(bytes)).shape
    assert.deepStrictEqual(read(file(header("|u1", "1,".repeat(32)), new Uint8Array(1))), Array(32).fill(1))
    assert.deepStrictEqual(read(file(header("|u1", "1,").padEnd(65_534), new Uint8Array(1), 2)), [1])
    assert.deepStrictEqual(read(file(header("|u1", " 2 , 1 , "), new Uint8Array(2))), [2, 1])
  })

  it("shows a header that it does not understand, cut to 200 characters", () => {
    const problemOf = (text: string) => Result.getOrThrow(Result.flip(decodeNpy(file(text, new Uint8Array(0))))).problem
    assert.isTrue(problemOf("  {} ").endsWith('its header is "{}"'))
    assert.isTrue(problemOf("x".repeat(200)).endsWith(`its header is "${"x".repeat(200)}"`))
    assert.isTrue(problemOf("x".repeat(201)).endsWith(`its header is "${"x".repeat(200)}…"`))
  })

  it.each<readonly [name: string, bytes: Uint8Array, problem: RegExp]>([
    ["a file that begins nearly so", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x58, 1, 0, 0, 0), /must begin with/],
    ["format 0", file(header("|u1", "1,"), new Uint8Array(1), 0), /is of format 0; 1, 2 and 3 are known/],
    ["no header", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0), /must say of which type .* is ""/],
    ["no order", file("{'descr': '|u1', 'shape': (1,)}", new Uint8Array(1)), /damaged header: order and shape/],
    ["another file", new TextEncoder().encode("<html></html>"), /must begin with the bytes .x93NUMPY/],
    ["nothing", new Uint8Array(0), /must begin with/],
    ["a later format", file(header("|u1", "0,"), new Uint8Array(0), 4), /is of format 4; 1, 2 and 3 are known/],
    [
      "eight bytes",
      file(header("|u1", "0,"), new Uint8Array(0)).subarray(0, 8),
      /cut short within its header: it has 8/
    ],
    [
      "half a header",
      file(header("|u1", "0,"), new Uint8Array(0)).subarray(0, 40),
      /header: \d+ bytes expected, 40 found/
    ],
    ["whole numbers", file(header("<i8", "1,"), new Uint8Array(8)), /numbers of type '<i8'; expected '<f4', '<f8' or/],
    ["the other byte order", file(header(">f4", "1,"), new Uint8Array(4)), /numbers of type '>f4'/],
    [
      "fields",
      file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", new Uint8Array(4)),
      /of which type/
    ],
    ["Fortran order", file(header("<f4", "1, 1", "True"), new Uint8Array(4)), /column-major \(Fortran\) order/],
    [
      "no shape",
      file("{'descr': '<f4', 'fortran_order': False}", new Uint8Array(4)),
      /damaged header: order and shape/
    ],
    ["a negative size", file(header("<f4", "-1,"), new Uint8Array(4)), /damaged header/],
    [
      "a field twice",
      file("{'shape': (9,), 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(4)),
      /damaged header: 'shape' stands in it twice/
    ],
    [
      "a header of 100 kB",
      file(header("|u1", "0,").padEnd(100_000), new Uint8Array(0), 2),
      /100\d* bytes; at most 65535/
    ],
    ["33 dimensions", file(header("|u1", "1,".repeat(33)), new Uint8Array(1)), /is of 33 dimensions; at most 32/],
    [
      "more bytes than numbers count",
      file(header("<f8", `${2 ** 40}, ${2 ** 40}`), new Uint8Array(8)),
      /cut short: 9\.67\d*e\+24 bytes/
    ],
    ["a type of 60 kB", file(header("x".repeat(60_000), "1,"), new Uint8Array(1)), /^.{1,400}$/],
    [
      "too few numbers",
      file(header("<f4", "2, 3"), new Uint8Array(23)),
      /cut short: 24 bytes expected .*\(2, 3\).*23 found/
    ],
    ["too many numbers", file(header("<f4", "2, 3"), new Uint8Array(25)), /too long: 24 bytes expected/]
  ])("refuses %s", (_, bytes, problem) => {
    const error = Result.getOrThrow(Result.flip(decodeNpy(bytes)))
    assert.strictEqual(error._tag, "NpyError")
    assert.match(error.message, problem)
  })

  it("never throws, whatever is cut off or overwritten", () => {
    const sound = encodeNpy(tensorData([2, 3], new Float32Array(6)))
    fc.assert(
      fc.property(fc.nat(sound.length), fc.nat(sound.length - 1), fc.nat(255), (length, at, byte) => {
        const bytes = sound.slice()
        bytes[at] = byte
        Result.isSuccess(decodeNpy(bytes.subarray(0, length)))
      }),
      { numRuns: 500 }
    )
  })
})
