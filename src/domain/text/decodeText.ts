import * as Result from "effect/Result"
import { fileKind } from "./fileKind.ts"

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * The text of a file that a person wrote, on any system: UTF-8 with or without a byte order mark, its lines ended by LF, CR LF or
 * CR, which all become LF. Fails with what is wrong, in words that go behind "it": another encoding or another kind of file, and
 * the place of the first byte that is not UTF-8.
 */
export const decodeText = (bytes: Uint8Array): Result.Result<string, string> => {
  const encoding = otherEncoding(bytes)
  if (encoding !== undefined) return Result.fail(`is ${encoding}; save it as UTF-8`)
  try {
    // Without `ignoreBOM` the decoder takes a byte order mark away.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    const zero = text.indexOf("\0")
    if (zero < 0) return Result.succeed(text.replaceAll(/\r\n?/g, "\n"))
    const { line } = placeIn(bytes, bytes.indexOf(0))
    return Result.fail(`is not text: ${kindOf(bytes)} (line ${line} holds a zero byte)`)
  } catch {
    const at = firstFault(bytes)
    const { line, column } = placeIn(bytes, at)
    const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0")
    const kind = fileKind(bytes)
    if (kind !== undefined) return Result.fail(`is not text: it is ${kind}`)
    return Result.fail(`is not UTF-8 (byte 0x${byte} in line ${line}, column ${column}); save it as UTF-8`)
  }
}

const kindOf = (bytes: Uint8Array): string => {
  const kind = fileKind(bytes)
  return kind === undefined ? "it is another kind of file" : `it is ${kind}`
}

/** UTF-16 and UTF-32, by their marks, or by the zero bytes of a text that begins with a letter of ASCII. */
const otherEncoding = (bytes: Uint8Array): string | undefined => {
  const [a, b, c, d] = bytes
  const begins = (...expected: ReadonlyArray<number>) => expected.every((byte, i) => bytes[i] === byte)
  if (begins(0xff, 0xfe, 0, 0) || begins(0, 0, 0xfe, 0xff)) return "UTF-32"
  if (begins(0xff, 0xfe) || begins(0xfe, 0xff)) return "UTF-16"
  const isAscii = (byte: number | undefined) => byte !== undefined && byte > 0 && byte < 0x80
  if (isAscii(a) && b === 0 && c === 0 && d === 0) return "UTF-32"
  if (
    (isAscii(a) && b === 0 && (c === undefined || d === 0)) ||
    (a === 0 && isAscii(b) && (c === undefined || c === 0))
  )
    return "UTF-16"
  return undefined
}

/** The first byte that is no part of a character in UTF-8: the longest sound beginning ends before it. */
const firstFault = (bytes: Uint8Array): number => {
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at)
    if (length === 0) return at
    at += length
  }
  return bytes.length - 1
}

/** Bytes of the character that begins at a place (Unicode, table 3-7), or 0 if none does. */
const characterLength = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const length =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  const second = bytes[at + 1] ?? 0
  const least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (length === 0 || second < least || second > most) return 0
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  return length
}

/** Line and column, from 1, of a byte; the column counts characters. */
const placeIn = (bytes: Uint8Array, at: number): { readonly line: number; readonly column: number } => {
  let [line, column] = [1, 1]
  for (let i = 0; i < at; i++) {
    const byte = bytes[i] ?? 0
    const ends = byte === LINE_FEED || (byte === CARRIAGE_RETURN && bytes[i + 1] !== LINE_FEED)
    if (ends) [line, column] = [line + 1, 1]
    else if ((byte & 0xc0) !== 0x80) column++
  }
  return { line, column }
}
