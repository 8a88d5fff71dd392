import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { crc32, deflateSync, gzipSync } from "node:zlib"
import sharp from "sharp"
import { encodeIdx } from "../support/encodeIdx.ts"
import type { FaultCount } from "./FaultPart.ts"

/** The readers that bombs are made for. */
export type BombReader = "idx" | "image" | "dataset" | "safetensors" | "json"

const hangMillis = 60_000
const soundIdx = encodeIdx({ shape: [2, 4, 3], values: new Uint8Array(24) })

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

const png = async (width: number, height: number, extra: ReadonlyArray<Buffer> = []): Promise<Uint8Array> => {
  const small = await sharp(Buffer.alloc(12, 9), { raw: { width: 3, height: 4, channels: 1 } })
    .png()
    .toBuffer()
  const header = Buffer.from(small.subarray(16, 29))
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  return Buffer.concat([small.subarray(0, 8), chunk("IHDR", header), ...extra, small.subarray(33)])
}

/** A header as large as is read, full of what takes most memory when parsed. */
const largeHeader = (item: (i: number) => string, most: number): Uint8Array => {
  const items: Array<string> = []
  for (let length = 2, i = 0; length < most - 40; i++) {
    items.push(item(i))
    length += (items.at(-1)?.length ?? 0) + 1
  }
  const text = Buffer.from(`{${items.join(",")}}`)
  const bytes = Buffer.alloc(8 + text.length)
  bytes.writeBigUInt64LE(BigInt(text.length))
  text.copy(bytes, 8)
  return bytes
}

/** A small file that asks for a great deal, and the most memory in MB that its reader may take above an ordinary one's. */
interface Bomb {
  readonly what: string
  readonly reader: BombReader
  readonly bytes: Uint8Array
  readonly megabytes: number
  /** Whether it may be read: text and profiles that do not change the pixels are passed over. */
  readonly harmless?: boolean
}

const bombs = async (): Promise<ReadonlyArray<Bomb>> => {
  const inflating = gzipSync(Buffer.concat([soundIdx, Buffer.alloc(200_000_000)]))
  const text = Buffer.concat([Buffer.from("k\0\0", "latin1"), deflateSync(Buffer.alloc(200_000_000), { level: 9 })])
  const json = (content: string) => Buffer.from(content)
  const key = "k".repeat(4e5)
  const passedOver = { reader: "image", megabytes: 100, harmless: true } as const
  const header = { reader: "safetensors", megabytes: 300 } as const
  const brackets = { reader: "json", megabytes: 100 } as const
  return [
    { what: "gzip of 200 MB behind an IDX header of 40 bytes", reader: "idx", bytes: inflating, megabytes: 60 },
    { what: "PNG of 60,000 x 60,000 pixels", reader: "image", bytes: await png(60_000, 60_000), megabytes: 60 },
    { what: "PNG with 200 MB of compressed text", bytes: await png(3, 4, [chunk("zTXt", text)]), ...passedOver },
    { what: "PNG with a colour profile of 200 MB", bytes: await png(3, 4, [chunk("iCCP", text)]), ...passedOver },
    {
      what: "PNG of 60,000 x 60,000 pixels for a data set",
      reader: "dataset",
      bytes: await png(60_000, 60_000),
      megabytes: 60
    },
    { what: "safetensors header of keys", bytes: largeHeader((i) => `"${i.toString(36)}":0`, 3.9e6), ...header },
    { what: "safetensors header of lists", bytes: largeHeader((i) => `"${i.toString(36)}":[]`, 3.9e6), ...header },
    { what: "JSON of brackets", bytes: json("[".repeat(5e5) + "]".repeat(5e5)), ...brackets },
    { what: "JSON of open brackets", bytes: json("[".repeat(1e6)), ...brackets },
    { what: "JSON with a very long key twice", bytes: json(`{"${key}":1,"${key}":1}`), ...brackets }
  ]
}

const bombProcess = fileURLToPath(new URL("./bombProcess.ts", import.meta.url))

/** Reads a file in a process of its own, whose peak of memory is its reader's alone. */
const readApart = (reader: BombReader, path: string): { readonly refused: boolean; readonly megabytes: number } => {
  const ended = spawnSync(process.execPath, [bombProcess, reader, path], { encoding: "utf8", timeout: hangMillis })
  if (ended.status !== 0) throw new Error(`the reader died: ${ended.signal ?? ended.stderr}`)
  return JSON.parse(ended.stdout)
}

/** Lets every bomb go off in its reader, or one for each reader: it must be refused, or be harmless, within its memory. */
export const bombCount = async (size: "short" | "full"): Promise<FaultCount> => {
  const folder = mkdtempSync(join(tmpdir(), "fovea-bombs-"))
  const path = join(folder, "file.png")
  const ordinary = new Map<BombReader, number>()
  const faults: Array<string> = []
  const made = await bombs()
  const all =
    size === "full" ? made : made.filter(({ reader }, i) => made.findIndex((bomb) => bomb.reader === reader) === i)
  let most = 0
  try {
    for (const [reader, bytes] of [
      ["idx", soundIdx],
      ["image", await png(3, 4)],
      ["dataset", await png(3, 4)],
      ["safetensors", largeHeader(() => "", 0)],
      ["json", Buffer.from("{}")]
    ] as const) {
      writeFileSync(path, bytes)
      const { refused, megabytes } = readApart(reader, path)
      if (refused) faults.push(`an ordinary file was refused: ${reader}`)
      ordinary.set(reader, megabytes)
    }
    for (const { what, reader, bytes, megabytes, harmless = false } of all) {
      writeFileSync(path, bytes)
      try {
        const { refused, megabytes: peak } = readApart(reader, path)
        const grew = peak - (ordinary.get(reader) ?? 0)
        most = Math.max(most, grew)
        if (!refused && !harmless) faults.push(`${what} was read`)
        if (grew > megabytes) faults.push(`${what} took ${grew.toFixed(0)} MB`)
      } catch (error) {
        faults.push(`${what}: ${error}`)
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const note = [`at most ${most.toFixed(0)} MB above an ordinary file`, ...faults].join("; ")
  return { what: "bombs", tried: all.length, losses: faults.length, note }
}
