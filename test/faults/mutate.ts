import type { Draw } from "./random.ts"

/** Numbers on which readers of sizes and offsets stumble. */
const integers = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]
const bigIntegers = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]
const numerals = [
  "-1",
  "0",
  "1",
  "2",
  "1e999",
  "-1e999",
  "0.5",
  "4294967296",
  "9007199254740993",
  "18446744073709551616"
]

const pick = <A>(draw: Draw, from: ReadonlyArray<A>): A | undefined => from[draw(from.length)]

/** A file changed at random up to four times: bits, runs of bytes, numbers in binary and in text, and words of the format. */
export const mutated = (draw: Draw, corpus: ReadonlyArray<Uint8Array>, words: ReadonlyArray<string>): Uint8Array => {
  let bytes: Buffer = Buffer.from(pick(draw, corpus) ?? [])
  for (let times = draw(5); times > 0; times--) {
    bytes = changes[draw(changes.length)]?.(draw, bytes, corpus, words) ?? bytes
  }
  return bytes
}

type Change = (draw: Draw, bytes: Buffer, corpus: ReadonlyArray<Uint8Array>, words: ReadonlyArray<string>) => Buffer

const spliced = (bytes: Buffer, at: number, length: number, insert: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + length)])

const changes: ReadonlyArray<Change> = [
  // A bit.
  (draw, bytes) => {
    const at = draw(bytes.length)
    if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8))
    return bytes
  },
  // A byte.
  (draw, bytes) => {
    if (bytes.length > 0) bytes[draw(bytes.length)] = (pick(draw, integers) ?? 0) & 0xff
    return bytes
  },
  // A cut.
  (draw, bytes) => bytes.subarray(0, draw(bytes.length + 1)),
  // A run taken out.
  (draw, bytes) => spliced(bytes, draw(bytes.length + 1), 1 + draw(16), Buffer.alloc(0)),
  // A run once more.
  (draw, bytes) => {
    const at = draw(bytes.length + 1)
    return spliced(bytes, at, 0, Buffer.from(bytes.subarray(at, at + 1 + draw(64))))
  },
  // The end of another file.
  (draw, bytes, corpus) => {
    const other = Buffer.from(pick(draw, corpus) ?? [])
    return Buffer.concat([bytes.subarray(0, draw(bytes.length + 1)), other.subarray(draw(other.length + 1))])
  },
  // A binary number.
  (draw, bytes) => {
    if (bytes.length < 8) return bytes
    const at = draw(bytes.length - 7)
    const value = pick(draw, integers) ?? 0
    if (draw(3) === 0) bytes.writeUInt32BE(value, at)
    else if (draw(2) === 0) bytes.writeUInt32LE(value, at)
    else bytes.writeBigUInt64LE(pick(draw, bigIntegers) ?? 0n, at)
    return bytes
  },
  // A written number.
  (draw, bytes) => {
    const text = bytes.toString("latin1")
    const found = [...text.slice(0, 4000).matchAll(/-?\d+(\.\d+)?(e[+-]?\d+)?/g)]
    const number = pick(draw, found)
    if (number === undefined) return bytes
    return spliced(bytes, number.index, number[0].length, Buffer.from(pick(draw, numerals) ?? ""))
  },
  // A word of the format.
  (draw, bytes, _corpus, words) =>
    spliced(bytes, draw(bytes.length + 1), draw(2) * draw(8), Buffer.from(pick(draw, words) ?? "", "latin1"))
]

/** Values that stand where others are expected. */
const strangers = (draw: Draw): unknown => {
  const deep = (levels: number): unknown =>
    levels === 0 ? 1 : draw(2) === 0 ? [deep(levels - 1)] : { a: deep(levels - 1) }
  const values: ReadonlyArray<() => unknown> = [
    () => null,
    () => true,
    () => -1,
    () => 0,
    () => 0.5,
    () => 1e300,
    () => 2 ** 53,
    () => "",
    () => "x".repeat(draw(2000)),
    () => "../../etc/passwd",
    () => [],
    () => ({}),
    () => ({ kind: "attention-gan" }),
    () => Array.from({ length: draw(50) }, (_, i) => i),
    () => deep(draw(100))
  ]
  return pick(draw, values)?.()
}

/** A copy of a JSON value in which up to three values are others, missing, or joined by keys that do not belong there. */
export const mutatedJson = (draw: Draw, json: unknown): unknown => {
  let value = json
  for (let times = draw(4); times > 0; times--) value = changedOnce(draw, value)
  return value
}

const strangeKeys = ["constructor", "toString", "kind", "a", "", "__proto__", "length"]

const changedOnce = (draw: Draw, json: unknown): unknown => {
  if (typeof json !== "object" || json === null || draw(12) === 0) return strangers(draw)
  const keys = Object.keys(json)
  const key = pick(draw, keys)
  const entries = Object.entries(json)
  if (Array.isArray(json)) {
    return key === undefined
      ? [strangers(draw)]
      : json.map((item, i) => (String(i) === key ? changedOnce(draw, item) : item))
  }
  if (key === undefined || draw(8) === 0) {
    return Object.fromEntries([...entries, [pick(draw, strangeKeys) ?? "a", strangers(draw)]])
  }
  if (draw(8) === 0) return Object.fromEntries(entries.filter(([name]) => name !== key))
  return Object.fromEntries(entries.map(([name, item]) => [name, name === key ? changedOnce(draw, item) : item]))
}
