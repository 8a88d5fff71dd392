import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { own } from "../record/own.ts"
import { requireFilled, type TensorData } from "../tensor/TensorData.ts"

/** What every NumPy file begins with. */
const magic = [0x93, ...new TextEncoder().encode("NUMPY")]

/**
 * A float32 tensor of any shape as the bytes of a NumPy file, format 1.0, which `numpy.load` reads: magic, version, a header padded so
 * that the numbers begin at a multiple of 64 bytes, then the numbers in row-major order, little-endian.
 */
export const encodeNpy = ({ shape, values }: TensorData): Uint8Array => {
  requireFilled({ shape, values })
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`
  const prefix = 10
  const padding = " ".repeat(63 - ((prefix + header.length) % 64))
  const text = new TextEncoder().encode(`${header}${padding}\n`)
  const bytes = new Uint8Array(prefix + text.length + 4 * values.length)
  const view = new DataView(bytes.buffer)
  bytes.set([...magic, 1, 0])
  view.setUint16(8, text.length, true)
  bytes.set(text, prefix)
  values.forEach((value, i) => {
    view.setFloat32(prefix + text.length + 4 * i, value, true)
  })
  return bytes
}

/** Bytes that are not a NumPy file of numbers this library reads. */
export class NpyError extends Schema.TaggedError<NpyError>()("NpyError", { problem: Schema.String }) {
  override get message(): string {
    return `The NumPy file ${this.problem}`
  }
}

/** An array of a NumPy file, row-major. */
export interface NpyArray {
  readonly shape: ReadonlyArray<number>
  /** In the file's own type. */
  readonly values: Uint8Array | Float32Array | Float64Array
}

/** NumPy's own bound for formats that it does not trust is 10,000. */
const MAX_HEADER_BYTES = 65_535

/** As NumPy until its version 2. */
const MAX_RANK = 32

const longestShown = 200

/** A text of the file, for a message. */
const shown = (text: string): string => {
  const trimmed = text.trim()
  return JSON.stringify(trimmed.length > longestShown ? `${trimmed.slice(0, longestShown)}…` : trimmed)
}

/** Bytes of a number, and how an array of them is read. */
const types: Readonly<
  Record<string, { readonly size: number; readonly read: (bytes: Uint8Array) => NpyArray["values"] }>
> = {
  "|u1": { size: 1, read: (bytes) => bytes },
  "<f4": { size: 4, read: (bytes) => numbers(bytes, 4, new Float32Array(bytes.length / 4), "getFloat32") },
  "<f8": { size: 8, read: (bytes) => numbers(bytes, 8, new Float64Array(bytes.length / 8), "getFloat64") }
}

const numbers = <A extends Float32Array | Float64Array>(
  bytes: Uint8Array,
  size: number,
  values: A,
  get: "getFloat32" | "getFloat64"
): A => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let i = 0; i < values.length; i++) values[i] = view[get](i * size, true)
  return values
}

/**
 * Reads a NumPy file, format 1 to 3 (numpy.lib.format): unsigned bytes, float32 or float64, little-endian, in row-major
 * (C) order. Fails with an `NpyError` that says what was expected and found: another file, another type or order, a
 * damaged header, or too few or too many bytes for the shape. The values of bytes share memory with the file.
 */
export const decodeNpy = (file: Uint8Array): Result.Result<NpyArray, NpyError> => {
  const failed = (problem: string) => Result.fail(new NpyError({ problem }))
  if (!magic.every((byte, i) => file[i] === byte)) {
    return failed(`must begin with the bytes \\x93NUMPY, but does not: it is another kind of file`)
  }
  const version = file[6] ?? 0
  if (version < 1 || version > 3) return failed(`is of format ${version}; 1, 2 and 3 are known`)
  const start = version === 1 ? 10 : 12
  if (file.length < start) return failed(`is cut short within its header: it has ${file.length} bytes`)
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (file.length < start + length) {
    return failed(`is cut short within its header: ${start + length} bytes expected, ${file.length} found`)
  }
  if (length > MAX_HEADER_BYTES) return failed(`has a header of ${length} bytes; at most ${MAX_HEADER_BYTES} are read`)
  const header = new TextDecoder().decode(file.subarray(start, start + length))
  const repeated = ["descr", "fortran_order", "shape"].find((name) => header.split(`'${name}'`).length > 2)
  if (repeated !== undefined) return failed(`has a damaged header: '${repeated}' stands in it twice`)
  const [type, order, sizes] = [
    field(header, "descr", "'([^']*)'"),
    field(header, "fortran_order", "(True|False)"),
    field(header, "shape", "\\(([\\d\\s,]*)\\)")
  ]
  if (type === undefined) {
    // A list of fields stands for a structured type, which is sound but not a number.
    return failed(`must say of which type its numbers are, as 'descr': '<f4'; its header is ${shown(header)}`)
  }
  if (order === undefined || sizes === undefined) {
    return failed(`has a damaged header: order and shape cannot be read from ${shown(header)}`)
  }
  const known = own(types, type)
  if (known === undefined) {
    return failed(
      `holds numbers of type '${type.slice(0, longestShown)}'; expected '<f4', '<f8' or '|u1': save it with .astype("float32")`
    )
  }
  if (order === "True") {
    return failed(
      "is in column-major (Fortran) order; expected row-major (C) order: save numpy.ascontiguousarray of it"
    )
  }
  const shape = sizes
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "")
    .map(Number)
  if (shape.length > MAX_RANK) return failed(`is of ${shape.length} dimensions; at most ${MAX_RANK} are read`)
  // Inexact beyond the safe integers, but then larger than any file.
  const expected = shape.reduce((product, size) => product * size, known.size)
  const bytes = file.subarray(start + length)
  if (bytes.length !== expected) {
    const what = bytes.length < expected ? "is cut short" : "is too long"
    return failed(
      `${what}: ${expected} bytes expected for shape (${shape.join(", ")}) of '${type}', ${bytes.length} found`
    )
  }
  return Result.succeed({ shape, values: known.read(bytes) })
}

const field = (header: string, name: string, value: string): string | undefined =>
  new RegExp(`['"]${name}['"]\\s*:\\s*${value}`).exec(header)?.[1]
