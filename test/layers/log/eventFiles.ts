import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { crc32c } from "../../../src/layers/log/recordFraming.ts"

/** A field of a message by its number: a number, or bytes, once for each time it stands there. */
export type Fields = ReadonlyMap<number, ReadonlyArray<number | Uint8Array>>

/** Reads any protobuf message without a schema (protobuf's encoding: varints, 32 and 64 bits, bytes). */
export const fieldsOf = (bytes: Uint8Array): Fields => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields = new Map<number, Array<number | Uint8Array>>()
  let at = 0
  const varint = (): number => {
    let [value, factor] = [0, 1]
    for (;;) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  const take = (length: number): Uint8Array => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const number = (length: 4 | 8): number => {
    at += length
    return length === 8 ? view.getFloat64(at - 8, true) : view.getFloat32(at - 4, true)
  }
  while (at < bytes.length) {
    const key = varint()
    const kind = key & 7
    let value: number | Uint8Array
    if (kind === 0) value = varint()
    else if (kind === 1) value = number(8)
    else if (kind === 5) value = number(4)
    else value = take(varint())
    fields.set(key >>> 3, [...(fields.get(key >>> 3) ?? []), value])
  }
  return fields
}

export const numberIn = (fields: Fields | undefined, id: number): number | undefined => {
  const value = fields?.get(id)?.[0]
  return typeof value === "number" ? value : undefined
}

export const messagesIn = (fields: Fields | undefined, id: number): ReadonlyArray<Fields> =>
  (fields?.get(id) ?? []).flatMap((value) => (typeof value === "number" ? [] : [fieldsOf(value)]))

export const textIn = (fields: Fields | undefined, id: number): string | undefined => {
  const value = fields?.get(id)?.[0]
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined
}

const masked = (bytes: Uint8Array): number => {
  const sum = BigInt(crc32c(bytes))
  return Number((((sum >> 15n) | (sum << 17n)) + 0xa282ead8n) & 0xffffffffn)
}

/** The data of every record of a TFRecord file, after checking its checksums. */
export const recordsOf = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Array<Uint8Array> = []
  let at = 0
  while (at < bytes.length) {
    const length = Number(view.getBigUint64(at, true))
    assert.strictEqual(view.getUint32(at + 8, true), masked(bytes.subarray(at, at + 8)))
    const data = bytes.subarray(at + 12, at + 12 + length)
    assert.strictEqual(data.length, length)
    assert.strictEqual(view.getUint32(at + 12 + length, true), masked(data))
    records.push(data)
    at += length + 16
  }
  return records
}

/** The names of a folder's event files, in the order in which they are read. */
export const eventFiles = (folder: string): ReadonlyArray<string> => {
  const names = readdirSync(folder).sort()
  for (const name of names) assert.match(name, /^events\.out\.tfevents\.\d{10}\.\d{3}\.fovea$/)
  return names
}

/** The events of a folder's files, file by file; the first of each, which tells its version, is checked and left out. */
export const eventsIn = (folder: string): ReadonlyArray<Fields> =>
  eventFiles(folder).flatMap((name) => {
    const [first, ...others] = recordsOf(readFileSync(join(folder, name))).map(fieldsOf)
    assert.strictEqual(textIn(first, 3), "brain.Event:2")
    return others
  })

/** The values of an event's summary. */
export const valuesOf = (event: Fields | undefined): ReadonlyArray<Fields> =>
  messagesIn(event, 5).flatMap((summary) => messagesIn(summary, 1))
