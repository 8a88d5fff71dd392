import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonIssue } from "../json/jsonIssue.ts"
import { formatShape, sizeOf } from "../tensor/Shape.ts"
import { type NamedTensors, type TensorData, tensorData } from "../tensor/TensorData.ts"

/**
 * Bytes that are not a safetensors file this library can read. `where` is the part of the file (`header`,
 * `tensor "generator.c0"`, `data`), `problem` what was expected there and what was found.
 */
export class SafetensorsError extends Schema.TaggedError<SafetensorsError>()("SafetensorsError", {
  where: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `Not a readable safetensors file: ${this.where}: ${this.problem}`
  }
}

/** What a safetensors file holds: tensors by name, and the free-text entries of its `__metadata__`. */
export interface SafetensorsContent {
  readonly tensors: NamedTensors
  readonly metadata: Readonly<Record<string, string>>
}

const METADATA = "__metadata__"
const LENGTH_BYTES = 8
/** The header, a tensor's entry, its shape. */
const HEADER_DEPTH = 3
const ALIGNMENT = 8
/**
 * Room for about 30,000 tensors. The reference implementation allows 100 MB, but JSON of that size can take gigabytes once
 * it is parsed; of this size it takes 200 MB at the most.
 */
export const MAX_HEADER_BYTES = 4_000_000

/** More axes than any tensor has. */
const MAX_RANK = 32

/** Names and notes can be as long as the header; a message about them cannot. */
const LONGEST_SHOWN = 120

/**
 * Writes tensors in the safetensors format (huggingface/safetensors, README, "Format"): the header's length as a
 * little-endian 64-bit integer, a JSON header of dtype, shape and byte range of each tensor, padded with spaces so that
 * the data start at a multiple of 8 bytes, then the row-major values without gaps. Float64 tensors come first, so
 * every tensor is aligned to its own width; among equals the order is by name (UTF-16 code units). Equal tensors and
 * metadata give equal bytes, whatever the order of their keys. The values' bytes are copied as they lie in memory,
 * so the machine must be little-endian, as every platform of Node 22 but s390x is.
 *
 * Throws a `RangeError` for what the format or the language cannot hold: a tensor called `__metadata__`, an empty
 * tensor, values that do not fill their shape, a header beyond 4 MB.
 */
export const encodeSafetensors = (
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {}
): Uint8Array<ArrayBuffer> => {
  const entries = Object.entries(tensors).sort(
    ([leftName, left], [rightName, right]) =>
      right.values.BYTES_PER_ELEMENT - left.values.BYTES_PER_ELEMENT || byName(leftName, rightName)
  )
  // Written key by key: an object literal would lose a tensor called `__proto__` and move names like "12" to the front.
  const fields: Array<string> = []
  const notes = Object.entries(metadata).sort(([left], [right]) => byName(left, right))
  if (notes.length > 0) {
    const pairs = notes.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    fields.push(`"${METADATA}":{${pairs.join(",")}}`)
  }
  let offset = 0
  for (const [name, tensor] of entries) {
    checkEncodable(name, tensor)
    const end = offset + tensor.values.byteLength
    const dtype = tensor.values instanceof Float64Array ? "F64" : "F32"
    const entry = { dtype, shape: tensor.shape, data_offsets: [offset, end] }
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`)
    offset = end
  }
  const header = new TextEncoder().encode(`{${fields.join(",")}}`)
  const headerBytes = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new RangeError(`A safetensors header of ${headerBytes} bytes exceeds the ${MAX_HEADER_BYTES} that are read`)
  }

  const dataStart = LENGTH_BYTES + headerBytes
  const bytes = new Uint8Array(dataStart + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(0x20, LENGTH_BYTES, dataStart)
  bytes.set(header, LENGTH_BYTES)
  let at = dataStart
  for (const [, { values }] of entries) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
    at += values.byteLength
  }
  return bytes
}

/**
 * Reads a safetensors file whose tensors are floating-point numbers: `F32`, `F64`, and `F16` and `BF16`, which become float32
 * without a loss. The values are copied, so they are aligned and outlive `bytes`. Nothing in the file is believed: the header must be valid UTF-8 and JSON without repeated keys or unknown
 * fields, every shape must agree with its byte range, and the ranges must cover the data exactly, without overlap,
 * gap or trailing bytes. Whatever the bytes, a fault comes back as a `SafetensorsError`; nothing throws.
 */
export const decodeSafetensors = (bytes: Uint8Array): Result.Result<SafetensorsContent, SafetensorsError> =>
  Result.gen(function* () {
    const { fields, data } = yield* readHeader(bytes)
    let metadata: Readonly<Record<string, string>> = {}
    const entries: Array<Entry> = []
    for (const [name, value] of Object.entries(fields)) {
      if (name === METADATA) metadata = yield* readMetadata(value)
      else entries.push(yield* readEntry(name, value))
    }
    entries.sort((left, right) => left.begin - right.begin)
    let covered = 0
    for (const { name, begin, end } of entries) {
      if (begin !== covered) {
        const fault = begin < covered ? "overlaps the tensor before it" : "leaves a gap before it"
        return yield* fail(`tensor ${quoted(name)}`, `${fault}: it starts at byte ${begin}, not ${covered}`)
      }
      covered = end
    }
    if (covered !== data.length) {
      return yield* fail("data", `the header describes ${covered} bytes, the file holds ${data.length}`)
    }
    // fromEntries defines own properties, so that a tensor called `__proto__` stays an ordinary entry.
    const tensors = Object.fromEntries(entries.map((entry) => [entry.name, copyOut(entry, data)]))
    return { tensors, metadata }
  })

interface Entry {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: ReadonlyArray<number>
  readonly begin: number
  readonly end: number
}

/** The dtypes that are read, and the bytes of a number. */
const DTYPES = { F32: 4, F64: 8, F16: 2, BF16: 2 } as const
type Dtype = keyof typeof DTYPES

const isDtype = (dtype: unknown): dtype is Dtype => typeof dtype === "string" && Object.hasOwn(DTYPES, dtype)

/** What the format's other dtypes are, for messages. */
const FOREIGN_DTYPES: ReadonlyMap<unknown, string> = new Map([
  ["BOOL", "truth values"],
  ...["U8", "I8", "I16", "U16", "I32", "U32", "I64", "U64"].map((dtype) => [dtype, "whole numbers"] as const),
  ["C64", "complex numbers"],
  ...["F8_E4M3", "F8_E5M2", "F8_E8M0", "F6_E2M3", "F6_E3M2", "F4"].map(
    (dtype) => [dtype, "numbers of 8 bits or fewer"] as const
  )
])

const fail = (where: string, problem: string) =>
  Result.fail(new SafetensorsError({ where: shortened(where), problem: shortened(problem) }))

const shortened = (text: string): string =>
  text.length > 3 * LONGEST_SHOWN ? `${text.slice(0, 2 * LONGEST_SHOWN)}… (${text.length} characters)` : text

/** A name from the file, in quotes. */
const quoted = (name: string): string =>
  JSON.stringify(name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name)

/** For names of one object, of which no two are equal. */
const byName = (left: string, right: string): number => (left < right ? -1 : 1)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const checkEncodable = (name: string, { shape, values }: TensorData): void => {
  if (name === METADATA) throw new RangeError(`A tensor cannot be called ${METADATA}: safetensors reserves that name`)
  if (!shape.every((size) => isSize(size) && size > 0) || values.length !== sizeOf(shape)) {
    throw new RangeError(`Tensor ${name}: ${values.length} values do not fill a tensor of shape ${formatShape(shape)}`)
  }
}

const readHeader = (bytes: Uint8Array) => {
  if (bytes.length < LENGTH_BYTES) return fail("header", `the file ends after ${bytes.length} of its 8 length bytes`)
  const declared = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getBigUint64(0, true)
  if (declared > BigInt(MAX_HEADER_BYTES)) {
    return fail("header", `its length is given as ${declared} bytes, more than the allowed ${MAX_HEADER_BYTES}`)
  }
  const dataStart = LENGTH_BYTES + Number(declared)
  if (dataStart > bytes.length) {
    return fail("header", `its length is given as ${declared} bytes, but only ${bytes.length - LENGTH_BYTES} follow`)
  }
  if (bytes[LENGTH_BYTES] !== 0x7b) return fail("header", "it does not start with {")
  let text: string
  let fields: unknown
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart))
    fields = JSON.parse(text)
  } catch (error) {
    return fail("header", `it is not JSON in UTF-8: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (!isRecord(fields)) return fail("header", "it is not a JSON object")
  const flaw = jsonIssue(text, { depth: HEADER_DEPTH, protoKeys: true })
  if (flaw !== undefined) return fail("header", flaw)
  return Result.succeed({ fields, data: bytes.subarray(dataStart) })
}

const readMetadata = (value: unknown): Result.Result<Readonly<Record<string, string>>, SafetensorsError> => {
  if (!isRecord(value)) return fail(METADATA, "expected an object of strings")
  const pairs: Array<readonly [string, string]> = []
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") return fail(METADATA, `the value of ${quoted(key)} is not a string`)
    pairs.push([key, text])
  }
  return Result.succeed(Object.fromEntries(pairs))
}

const readEntry = (name: string, value: unknown): Result.Result<Entry, SafetensorsError> => {
  const where = `tensor ${quoted(name)}`
  if (!isRecord(value)) return fail(where, "expected an object with dtype, shape and data_offsets")
  const { dtype, shape, data_offsets: range, ...rest } = value
  const unknown = Object.keys(rest)[0]
  if (unknown !== undefined) return fail(where, `unknown field ${quoted(unknown)}`)
  if (!isDtype(dtype)) {
    const found = JSON.stringify(dtype) ?? "nothing"
    const kind = FOREIGN_DTYPES.get(dtype)
    const advice = kind === undefined ? "" : `, which stands for ${kind}; write the tensor as F32`
    return fail(where, `expected dtype ${Object.keys(DTYPES).join(", ")}, found ${found}${advice}`)
  }
  if (!Array.isArray(shape) || !shape.every(isSize)) return fail(where, "its shape is not a list of sizes")
  if (shape.length > MAX_RANK) return fail(where, `its shape has ${shape.length} axes; at most ${MAX_RANK} are read`)
  if (shape.includes(0)) return fail(where, `shape ${formatShape(shape)} is empty; Fovea has no empty tensors`)
  if (!Array.isArray(range) || range.length !== 2 || !range.every(isSize)) {
    return fail(where, "its data_offsets are not two byte positions")
  }
  const [begin = 0, end = 0] = range
  // A product beyond the safe integers is inexact, but then it is far larger than any range of safe integers.
  const expected = sizeOf(shape) * DTYPES[dtype]
  if (!Number.isSafeInteger(expected) || end - begin !== expected) {
    return fail(
      where,
      `shape ${formatShape(shape)} of ${dtype} needs ${expected} bytes, data_offsets give ${end - begin}`
    )
  }
  return Result.succeed({ name, dtype, shape, begin, end })
}

const copyOut = ({ dtype, shape, begin, end }: Entry, data: Uint8Array): TensorData => {
  // Not `slice`: on a Node Buffer that is a view into a shared, possibly unaligned, pool.
  const copy = new Uint8Array(end - begin)
  copy.set(data.subarray(begin, end))
  switch (dtype) {
    case "F32":
      return tensorData(shape, new Float32Array(copy.buffer))
    case "F64":
      return tensorData(shape, new Float64Array(copy.buffer))
    case "F16":
      return tensorData(shape, float32OfFloat16(copy))
    case "BF16":
      return tensorData(shape, float32OfBfloat16(copy))
  }
}

/** Numbers of IEEE 754 binary16, little-endian, as float32, which holds all of them. */
export const float32OfFloat16 = (bytes: Uint8Array): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const bits = view.getUint16(2 * i, true)
    const [sign, exponent, fraction] = [bits >> 15 === 0 ? 1 : -1, (bits >> 10) & 0x1f, bits & 0x3ff]
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
  })
}

/** Numbers of bfloat16, little-endian, as float32, whose upper half they are. */
export const float32OfBfloat16 = (bytes: Uint8Array): Float32Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const bits = Uint32Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i, true) * 0x10000)
  return new Float32Array(bits.buffer)
}
