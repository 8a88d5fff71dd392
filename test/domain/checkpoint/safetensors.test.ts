import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { decodeSafetensors, encodeSafetensors, MAX_HEADER_BYTES } from "../../../src/domain/checkpoint/safetensors.ts"
import { filled, tensorData } from "../../../src/domain/tensor/TensorData.ts"
import { bitsOf, randomTensors } from "./randomTensors.ts"

const metadata = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 })

/** A file made by hand: the header as given, then `data` zero bytes. */
const file = (header: string, data = 0, length = Buffer.byteLength(header)): Uint8Array => {
  const text = Buffer.from(header)
  const bytes = Buffer.alloc(8 + text.length + data)
  bytes.writeBigUInt64LE(BigInt(length), 0)
  text.copy(bytes, 8)
  return bytes
}

const messageOf = (bytes: Uint8Array): string => {
  const result = decodeSafetensors(bytes)
  assert(Result.isFailure(result), "expected the file to be refused")
  return result.failure.message
}

/** Header length, header and data, read with Node's Buffer alone. */
const dissect = (bytes: Uint8Array) => {
  const buffer = Buffer.from(bytes)
  const length = Number(buffer.readBigUInt64LE(0))
  const text = buffer.toString("utf8", 8, 8 + length)
  const header: Record<string, { dtype: string; shape: Array<number>; data_offsets: [number, number] }> =
    JSON.parse(text)
  return { length, text, header, data: buffer.subarray(8 + length) }
}

describe("encodeSafetensors", () => {
  it("writes the published layout, byte for byte", () => {
    const bytes = encodeSafetensors(
      {
        b: tensorData([2], new Float32Array([1, -2])),
        a: tensorData([], new Float32Array([0.5])),
        z: tensorData([1, 1], new Float64Array([3]))
      },
      { k: "v" }
    )
    const header =
      '{"__metadata__":{"k":"v"},' +
      '"z":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]},' +
      '"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}'
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ")
    // IEEE 754, little-endian: 3 as float64; 0.5, 1 and -2 as float32.
    const data = "0000000000000840" + "0000003f" + "0000803f" + "000000c0"
    const length = Buffer.from([padded.length, 0, 0, 0, 0, 0, 0, 0])
    const expected = Buffer.concat([length, Buffer.from(padded), Buffer.from(data, "hex")])
    assert.strictEqual(Buffer.from(bytes).toString("hex"), expected.toString("hex"))
  })

  it("aligns the data and every tensor, leaves no gap, and counts its own bytes right", () => {
    fc.assert(
      fc.property(randomTensors, metadata, (tensors, notes) => {
        const bytes = encodeSafetensors(tensors, notes)
        const { length, text, header, data } = dissect(bytes)
        assert.strictEqual(length % 8, 0)
        assert.match(text, /^\{.*\} {0,7}$/s)
        const entries = Object.entries(header).filter(([name]) => name !== "__metadata__")
        assert.strictEqual(entries.length, Object.keys(tensors).length)
        const ranges = entries.map(([, entry]) => entry).sort((a, b) => a.data_offsets[0] - b.data_offsets[0])
        let end = 0
        for (const { dtype, shape, data_offsets } of ranges) {
          const width = dtype === "F64" ? 8 : 4
          assert.strictEqual(data_offsets[0], end)
          assert.strictEqual(data_offsets[0] % width, 0)
          end += width * shape.reduce((product, size) => product * size, 1)
          assert.strictEqual(data_offsets[1], end)
        }
        assert.strictEqual(data.length, end)
      })
    )
  })

  it("gives equal bytes whatever the order of the keys", () => {
    fc.assert(
      fc.property(randomTensors, metadata, (tensors, notes) => {
        const reversed = Object.fromEntries(Object.entries(tensors).reverse())
        const reversedNotes = Object.fromEntries(Object.entries(notes).reverse())
        assert.deepStrictEqual(encodeSafetensors(reversed, reversedNotes), encodeSafetensors(tensors, notes))
      })
    )
  })

  it("writes a view into a larger buffer, not the buffer", () => {
    const values = new Float32Array([9, 1, 2, 9]).subarray(1, 3)
    const { data } = dissect(encodeSafetensors({ view: tensorData([2], values) }))
    assert.deepStrictEqual([data.readFloatLE(0), data.readFloatLE(4), data.length], [1, 2, 8])
  })

  it("writes no notes where there are none", () => {
    assert.deepStrictEqual(Object.keys(dissect(encodeSafetensors({ a: filled([1], 0) })).header), ["a"])
  })

  it("throws for what the format or the language cannot hold", () => {
    assert.throws(() => encodeSafetensors({ __metadata__: filled([1], 0) }), /reserves/)
    assert.throws(() => encodeSafetensors({ empty: { shape: [0], values: new Float32Array(0) } }), /empty.*\[0\]/)
    assert.throws(() => encodeSafetensors({ short: { shape: [2], values: new Float32Array(1) } }), /short.*\[2\]/)
  })
})

describe("decodeSafetensors", () => {
  it("gives back what was encoded, to the bit, also from an unaligned Buffer", () => {
    fc.assert(
      fc.property(randomTensors, metadata, fc.integer({ min: 0, max: 7 }), (tensors, notes, shift) => {
        const encoded = encodeSafetensors(tensors, notes)
        const pool = Buffer.alloc(encoded.length + 8)
        pool.set(encoded, shift)
        const result = decodeSafetensors(pool.subarray(shift, shift + encoded.length))
        assert(Result.isSuccess(result))
        pool.fill(0xff)
        assert.deepStrictEqual(bitsOf(result.success.tensors), bitsOf(tensors))
        assert.deepStrictEqual(Object.entries(result.success.metadata).sort(), Object.entries(notes).sort())
      }),
      { numRuns: 300 }
    )
  })

  it("keeps -0 and the payload of a NaN", () => {
    const values = new Float32Array(new Uint32Array([0x80000000, 0x7fc12345, 0xffa00001]).buffer)
    const result = decodeSafetensors(encodeSafetensors({ v: tensorData([3], values) }))
    assert(Result.isSuccess(result))
    const bits = result.success.tensors["v"]?.values.buffer
    assert(bits !== undefined)
    assert.deepStrictEqual([...new Uint32Array(bits)], [0x80000000, 0x7fc12345, 0xffa00001])
  })

  it("reads a file of another writer: unpadded header, names out of order, values in the order of the offsets", () => {
    const header =
      '{"a":{"shape":[1],"data_offsets":[4,8],"dtype":"F32"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    const bytes = file(header, 8)
    Buffer.from(bytes.buffer).writeFloatLE(1.5, bytes.byteOffset + 8 + header.length)
    const result = decodeSafetensors(bytes)
    assert(Result.isSuccess(result))
    assert.deepStrictEqual(result.success.tensors, { a: filled([1], 0), b: filled([1], 1.5) })
    assert.deepStrictEqual(result.success.metadata, {})
  })

  it("reads a header of just the bound and a tensor of just as many axes as may be, and writes them", () => {
    const wide = (axes: number) => file(entry(`"dtype":"F32","shape":[${Array(axes).fill(1)}],"data_offsets":[0,4]`), 4)
    const read = decodeSafetensors(wide(32))
    assert(Result.isSuccess(read))
    assert.deepStrictEqual(read.success.tensors["t"]?.shape, Array(32).fill(1))
    assert.isTrue(Result.isFailure(decodeSafetensors(wide(33))))
    const padded = (length: number) => file(entry('"dtype":"F32","shape":[],"data_offsets":[0,4]').padEnd(length), 4)
    assert.isTrue(Result.isSuccess(decodeSafetensors(padded(MAX_HEADER_BYTES))))
    assert.match(messageOf(padded(MAX_HEADER_BYTES + 1)), /4000001 bytes, more than the allowed 4000000/)
    // A note of so many letters that the header is just at the bound, and one letter more.
    const noted = (letters: number) => encodeSafetensors({ t: filled([], 1) }, { note: "x".repeat(letters) })
    const room = MAX_HEADER_BYTES - dissect(noted(0)).text.trimEnd().length
    const largest = noted(room)
    assert.strictEqual(dissect(largest).length, MAX_HEADER_BYTES)
    assert.isTrue(Result.isSuccess(decodeSafetensors(largest)))
    assert.throws(() => noted(room + 1), RangeError, "4000008")
  })

  it("reads float16 and bfloat16 as the float32 numbers that they are", () => {
    const bytes = file(
      '{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]}}',
      10
    )
    bytes.set(Buffer.from("003c010000c4803f80c0", "hex"), bytes.length - 10)
    const result = decodeSafetensors(bytes)
    assert(Result.isSuccess(result))
    assert.deepStrictEqual(result.success.tensors, {
      h: tensorData([3], Float32Array.of(1, 2 ** -24, -4)),
      b: tensorData([2], Float32Array.of(1, -4))
    })
  })

  it("leaves a tensor called __proto__ harmless", () => {
    const result = decodeSafetensors(file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4))
    assert(Result.isSuccess(result))
    assert.deepStrictEqual(Object.keys(result.success.tensors), ["__proto__"])
    assert.strictEqual(Object.getPrototypeOf(result.success.tensors), Object.prototype)
  })

  const entry = (fields: string) => `{"t":{${fields}}}`
  const cases: ReadonlyArray<readonly [string, Uint8Array, RegExp]> = [
    ["nothing at all", new Uint8Array(0), /header: the file ends after 0 of its 8/],
    ["a length beyond the file", file("{}", 0, 3), /header: .*3 bytes, but only 2 follow/],
    ["a length beyond the bound", file("{}", 0, 4_000_001), /header: .*4000001 bytes, more than the allowed/],
    ["no header", file(""), /does not start with \{/],
    ["a header that is a list", file("[]"), /does not start with \{/],
    ["bytes that are not UTF-8", Buffer.concat([file("", 0, 4), Buffer.from([0x7b, 0x22, 0xff, 0x22])]), /UTF-8/],
    [
      "JSON but for a byte that is not UTF-8",
      Buffer.concat([file('{"', 0, 7), Buffer.from([0xff]), Buffer.from('":1}')]),
      /UTF-8/
    ],
    ["broken JSON", file("{,}"), /not JSON/],
    ["a repeated tensor", file('{"t":{},"t":{}}'), /"t" stands twice/],
    ["a repeated field", file(entry('"dtype":"F32","dtype":"F32"')), /"dtype" stands twice/],
    ["an entry that is no object", file('{"t":[]}'), /tensor "t": expected an object/],
    ["an unknown field", file(entry('"dtype":"F32","shape":[],"data_offsets":[0,4],"x":1'), 4), /unknown field "x"/],
    ["an unknown dtype", file(entry('"dtype":"F33","shape":[],"data_offsets":[0,4]'), 4), /found "F33"$/],
    [
      "a foreign dtype",
      file(entry('"dtype":"I64","shape":[],"data_offsets":[0,8]'), 8),
      /"I64", which stands for whole numbers; write the tensor as F32/
    ],
    ["no dtype", file(entry('"shape":[],"data_offsets":[0,4]'), 4), /found nothing/],
    [
      "more axes than there can be",
      file(entry(`"dtype":"F32","shape":[${Array(33).fill(1)}],"data_offsets":[0,4]`), 4),
      /33 axes; at most 32/
    ],
    ["a header deeper than any", file(`{"t":${"[".repeat(50_000)}${"]".repeat(50_000)}}`), /nested more than 3 deep/],
    ["a name of a hundred thousand letters", file(`{"${"n".repeat(100_000)}":1}`), /^.{1,300}expected an object.*$/],
    ["a negative size", file(entry('"dtype":"F32","shape":[-1],"data_offsets":[0,4]'), 4), /not a list of sizes/],
    ["a fractional size", file(entry('"dtype":"F32","shape":[1.5],"data_offsets":[0,6]'), 6), /not a list of sizes/],
    ["an empty tensor", file(entry('"dtype":"F32","shape":[2,0],"data_offsets":[0,0]')), /no empty tensors/],
    ["one offset", file(entry('"dtype":"F32","shape":[],"data_offsets":[4]'), 4), /two byte positions/],
    ["a range too short", file(entry('"dtype":"F32","shape":[2],"data_offsets":[0,4]'), 4), /needs 8 bytes, .* give 4/],
    ["a range backwards", file(entry('"dtype":"F32","shape":[],"data_offsets":[4,0]'), 4), /needs 4 bytes, .* give -4/],
    [
      "a product that overflows",
      file(entry('"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]')),
      /needs 73786976294838210000 bytes/
    ],
    ["data cut off", file(entry('"dtype":"F32","shape":[2],"data_offsets":[0,8]'), 7), /8 bytes, the file holds 7/],
    ["trailing bytes", file(entry('"dtype":"F32","shape":[],"data_offsets":[0,4]'), 5), /4 bytes, the file holds 5/],
    ["a gap", file(entry('"dtype":"F32","shape":[],"data_offsets":[4,8]'), 8), /leaves a gap .* at byte 4, not 0/],
    [
      "an overlap",
      file(
        '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        8
      ),
      /"b": overlaps .* at byte 4, not 8/
    ],
    ["a dtype in a list", file(entry('"dtype":["F32"],"shape":[],"data_offsets":[0,4]'), 4), /found \["F32"\]$/],
    ["an entry that is null", file('{"t":null}'), /tensor "t": expected an object/],
    ["an offset in quotes", file(entry('"dtype":"F32","shape":[],"data_offsets":[0,"4"]'), 4), /two byte positions/],
    [
      "an offset before the data",
      file(entry('"dtype":"F32","shape":[],"data_offsets":[-4,0]'), 4),
      /two byte positions/
    ],
    ["metadata that are null", file('{"__metadata__":null}'), /__metadata__: expected an object/],
    ["metadata that are a number", file('{"__metadata__":1}'), /__metadata__: expected an object/],
    ["metadata that are a list", file('{"__metadata__":["a"]}'), /__metadata__: expected an object/],
    ["metadata that is no text", file('{"__metadata__":{"k":1}}'), /__metadata__: the value of "k"/]
  ]
  it.each(cases)("refuses %s", (_, bytes, message) => {
    assert.match(messageOf(bytes), message)
  })

  it("says what a foreign dtype holds", () => {
    const advice = (dtype: string) => messageOf(file(entry(`"dtype":"${dtype}","shape":[],"data_offsets":[0,4]`), 4))
    for (const dtype of ["U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64"]) {
      assert.include(advice(dtype), "stands for whole numbers")
    }
    for (const dtype of ["F8_E4M3", "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4"]) {
      assert.include(advice(dtype), "stands for numbers of 8 bits or fewer")
    }
    assert.include(advice("BOOL"), "stands for truth values")
    assert.include(advice("C64"), "stands for complex numbers")
  })

  it("shows names of up to 120 characters whole, and reports of up to 360", () => {
    const named = (length: number) => messageOf(file(`{"${"n".repeat(length)}":1}`))
    assert.include(named(120), `"${"n".repeat(120)}"`)
    assert.include(named(121), `"${"n".repeat(120)}…"`)
    const problemOf = (length: number) => {
      const bytes = file(entry(`"dtype":"${"d".repeat(length)}","shape":[],"data_offsets":[0,4]`), 4)
      const result = decodeSafetensors(bytes)
      assert(Result.isFailure(result))
      return result.failure.problem
    }
    const words = problemOf(0).length
    const [whole, cut] = [problemOf(360 - words), problemOf(361 - words)]
    assert.strictEqual(whole.length, 360)
    assert.include(whole, `found "${"d".repeat(360 - words)}"`)
    assert.strictEqual(cut, `${whole.slice(0, 240)}… (361 characters)`)
  })

  it("refuses every truncation", () => {
    fc.assert(
      fc.property(randomTensors, fc.nat(), (tensors, cut) => {
        const bytes = encodeSafetensors(tensors)
        assert.isTrue(Result.isFailure(decodeSafetensors(bytes.subarray(0, cut % bytes.length))))
      })
    )
  })

  it("answers a changed header byte with a failure or with a consistent file of the same values, and never throws", () => {
    fc.assert(
      fc.property(randomTensors, fc.nat(), fc.integer({ min: 1, max: 255 }), (tensors, position, change) => {
        const bytes = encodeSafetensors(tensors, { model: "glimpse" })
        const { length, data } = dissect(bytes)
        const at = position % (8 + length)
        bytes[at] = (bytes[at] ?? 0) ^ change
        const result = decodeSafetensors(bytes)
        if (Result.isFailure(result)) return
        // What still decodes differs in a name, a size's place or a note; the tensors still tile the same data.
        const found = Object.values(result.success.tensors)
        assert.strictEqual(found.length, Object.keys(tensors).length)
        assert.strictEqual(
          found.reduce((sum, { values }) => sum + values.byteLength, 0),
          data.length
        )
        const again = decodeSafetensors(encodeSafetensors(result.success.tensors, result.success.metadata))
        assert(Result.isSuccess(again))
        assert.deepStrictEqual(bitsOf(again.success.tensors), bitsOf(result.success.tensors))
      }),
      { numRuns: 1000 }
    )
  })

  it("never throws on random bytes behind a plausible start", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.uint8Array({ maxLength: 40 }), (text, data) => {
        Result.isFailure(decodeSafetensors(Buffer.concat([file(`{${text}`), data])))
      })
    )
  })
})
