import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Unsigned bytes with a shape, as an IDX file holds them. */
export interface IdxArray {
  readonly shape: ReadonlyArray<number>
  /** Row-major; a view of the file's bytes, not a copy. */
  readonly values: Uint8Array
}

/** What the first bytes of an IDX file say. */
export interface IdxHeader {
  readonly shape: ReadonlyArray<number>
  /** Where the values begin. */
  readonly headerBytes: number
  /** Length of the whole file. */
  readonly totalBytes: number
}

/**
 * The largest file accepted: what Node reads into one buffer. A header that states more is refused before anything is
 * allocated.
 */
export const MAX_IDX_BYTES = 2 ** 31 - 1

/**
 * The bytes are not an IDX file of the wanted kind. `expected` and `found` are lengths in bytes (`Truncated`,
 * `TrailingBytes`), magic numbers (`WrongMagic`), sizes of an axis (`ZeroSize`) or of the file (`TooLarge`).
 */
export class IdxError extends Schema.TaggedError<IdxError>()("IdxError", {
  reason: Schema.Literals(["WrongMagic", "Truncated", "TrailingBytes", "ZeroSize", "TooLarge"]),
  expected: Schema.Finite,
  found: Schema.Finite
}) {
  override get message() {
    return describe(this.reason, this.expected, this.found)
  }
}

const formatMagic = (magic: number): string => `0x${magic.toString(16).padStart(8, "0")}`

const describe = (reason: IdxError["reason"], expected: number, found: number): string => {
  switch (reason) {
    case "WrongMagic":
      return (
        `The IDX data begins with the magic number ${formatMagic(found)} instead of ${formatMagic(expected)} ` +
        `(unsigned bytes in ${expected & 0xff} dimensions); is it another file, or still compressed?`
      )
    case "Truncated":
      return `The IDX data is cut short: ${expected} bytes expected, ${found} found; fetch it again`
    case "TrailingBytes":
      return (
        `The IDX data has ${found} bytes where its header states ${expected}: ` +
        "something was appended to it, or the header is damaged"
      )
    case "ZeroSize":
      return `The IDX header gives dimension ${expected} the size ${found}; every dimension must have at least 1`
    case "TooLarge":
      return `The IDX header states ${found} bytes; at most ${expected} can be read`
  }
}

/**
 * The magic number of unsigned bytes in `rank` dimensions: two zero bytes, the type 8, the rank. 2049 for labels, 2051
 * for images.
 */
export const idxMagic = (rank: number): number => 0x0800 | rank

/** Length in bytes of the header of an array of this rank. */
export const idxHeaderBytes = (rank: number): number => 4 + 4 * rank

const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0

/**
 * Reads the header of an IDX file of unsigned bytes (Y. LeCun, C. Cortes, C. Burges: The MNIST database of
 * handwritten digits): the magic number, then a size for each dimension, all big-endian 32-bit words. `bytes` may be
 * the beginning of the file only.
 * Fails with `WrongMagic`, `Truncated` (within the header), `ZeroSize` (`expected` is then the dimension, from 0) or
 * `TooLarge`.
 */
export const parseIdxHeader = (bytes: Uint8Array, rank: number): Result.Result<IdxHeader, IdxError> => {
  const headerBytes = idxHeaderBytes(rank)
  const magic = uint32At(bytes, 0)
  if (bytes.length >= 4 && magic !== idxMagic(rank)) {
    return Result.fail(new IdxError({ reason: "WrongMagic", expected: idxMagic(rank), found: magic }))
  }
  if (bytes.length < headerBytes) {
    return Result.fail(new IdxError({ reason: "Truncated", expected: headerBytes, found: bytes.length }))
  }
  const shape: Array<number> = []
  let totalBytes = 1
  for (let axis = 0; axis < rank; axis++) {
    const size = uint32At(bytes, 4 + 4 * axis)
    if (size === 0) return Result.fail(new IdxError({ reason: "ZeroSize", expected: axis, found: size }))
    shape.push(size)
    totalBytes *= size
  }
  totalBytes += headerBytes
  if (totalBytes > MAX_IDX_BYTES) {
    return Result.fail(new IdxError({ reason: "TooLarge", expected: MAX_IDX_BYTES, found: totalBytes }))
  }
  return Result.succeed({ shape, headerBytes, totalBytes })
}

/**
 * Reads a whole IDX file of unsigned bytes in `rank` dimensions: 1 for labels `[count]`, 3 for images `[count, B,
 * A]`.
 * Fails as `parseIdxHeader` does, and with `Truncated` or `TrailingBytes` if the length is not the one the header
 * states.
 */
export const parseIdx = (bytes: Uint8Array, rank: number): Result.Result<IdxArray, IdxError> =>
  Result.flatMap(parseIdxHeader(bytes, rank), ({ shape, headerBytes, totalBytes }) => {
    if (bytes.length === totalBytes) return Result.succeed({ shape, values: bytes.subarray(headerBytes) })
    const reason = bytes.length < totalBytes ? "Truncated" : "TrailingBytes"
    return Result.fail(new IdxError({ reason, expected: totalBytes, found: bytes.length }))
  })
