import { Worker } from "node:worker_threads"
import { crc32, deflateSync, gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import sharp from "sharp"
import { decodeSafetensors } from "../../src/domain/checkpoint/safetensors.ts"
import { encodeIdx } from "../../src/domain/dataset/idx.ts"
import { parseJson } from "../../src/domain/json/parseJson.ts"
import { readIdxFile } from "../../src/layers/dataset/idxFile.ts"
import { readSamples } from "../../src/layers/samples/readSamples.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import type { FuzzOrder, FuzzProgress } from "./fuzzWorker.ts"
import { memoryFiles } from "./memoryFiles.ts"

/** JavaScript objects that all parsers together may hold at once; a worker that wants more is killed, which is a loss. */
const heapMegabytes = 512
/** All memory of the process above what it had before, of which half is sharp's own and the garbage collector's slack. */
const growthMegabytes = 1024
/** Silence for so long is a hang: no parser is given an input that takes a hundredth of it. */
const hangMillis = 60_000

/** Fuzzes every parser in a worker with a bounded heap. Whatever it dies of counts as one loss of the parser at work. */
const fuzz = (order: FuzzOrder): Promise<ReadonlyArray<FaultCount>> =>
  new Promise((resolve) => {
    const before = process.memoryUsage.rss() / 1e6
    const latest = new Map<string, FuzzProgress>()
    const worker = new Worker(new URL("./fuzzWorker.ts", import.meta.url), {
      workerData: order,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes }
    })
    let died: string | undefined
    const kill = (reason: string) => {
      died = reason
      void worker.terminate()
    }
    let watchdog = setTimeout(() => kill("hung"), hangMillis)
    worker.on("message", (progress: FuzzProgress) => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => kill(`hung after ${progress.parser}`), hangMillis)
      latest.set(progress.parser, progress)
    })
    worker.on("error", (error) => {
      died = String(error)
    })
    worker.on("exit", () => {
      clearTimeout(watchdog)
      const counts = [...latest.values()].map((progress): FaultCount => {
        const { parser, tried, read, faults, example, slowestMillis, peakMegabytes } = progress
        const grew = peakMegabytes - before
        // Nothing read at all would mean that the parser behind the first check was never reached.
        const note = [
          `${read} read`,
          `slowest ${slowestMillis.toFixed(0)} ms`,
          `memory grew by ${Math.max(grew, 0).toFixed(0)} MB at most`,
          ...(example === undefined ? [] : [example])
        ].join(", ")
        return {
          what: `fuzzing: ${parser}`,
          tried,
          losses: faults + (grew > growthMegabytes ? 1 : 0) + (read === 0 ? 1 : 0),
          note
        }
      })
      resolve(
        died === undefined ? counts : [...counts, { what: "fuzzing: the worker", tried: 1, losses: 1, note: died }]
      )
    })
  })

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

const inMemory = (
  files: Readonly<Record<string, Uint8Array>>,
  read: Effect.Effect<unknown, unknown, FileSystem.FileSystem>
) => Effect.runPromise(Effect.result(Effect.provideService(read, FileSystem.FileSystem, memoryFiles(files))))

const grey = { channels: 1, height: 4, width: 3 }
const picture = (bytes: Uint8Array) => () => inMemory({ "p/1.png": bytes }, readSamples("p", grey))
const refusedJson = (text: string) => async () => parseJson(text)

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

/** Bombs: small files that ask for a great deal, each with the most memory in MB that refusing it may take. */
const bombs = async (): Promise<
  ReadonlyArray<{
    readonly what: string
    readonly megabytes: number
    readonly read: () => Promise<Result.Result<unknown, unknown>>
  }>
> => {
  const idx = encodeIdx({ shape: [2, 4, 3], values: new Uint8Array(24) })
  const inflating = gzipSync(Buffer.concat([idx, Buffer.alloc(200_000_000)]))
  const zeros = deflateSync(Buffer.alloc(200_000_000), { level: 9 })
  const text = Buffer.concat([Buffer.from("k\0\0", "latin1"), zeros])
  return [
    {
      what: "gzip of 200 MB behind an IDX header of 40 bytes",
      megabytes: 60,
      read: () => inMemory({ f: inflating }, readIdxFile("f", 3))
    },
    { what: "PNG of 60,000 x 60,000 pixels", megabytes: 60, read: picture(await png(60_000, 60_000)) },
    {
      what: "PNG with 200 MB of compressed text",
      megabytes: 100,
      read: picture(await png(3, 4, [chunk("zTXt", text)]))
    },
    {
      what: "PNG with a colour profile of 200 MB",
      megabytes: 100,
      read: picture(await png(3, 4, [chunk("iCCP", text)]))
    },
    {
      what: "safetensors header of 4 MB of keys",
      megabytes: 250,
      read: async () => decodeSafetensors(largeHeader((i) => `"${i.toString(36)}":0`, 4e6))
    },
    {
      what: "safetensors header of 4 MB of lists",
      megabytes: 250,
      read: async () => decodeSafetensors(largeHeader((i) => `"${i.toString(36)}":[]`, 4e6))
    },
    { what: "JSON of half a million brackets", megabytes: 100, read: refusedJson("[".repeat(5e5) + "]".repeat(5e5)) },
    { what: "JSON of half a million open brackets", megabytes: 100, read: refusedJson("[".repeat(5e5)) },
    {
      what: "JSON with a key of a million letters twice",
      megabytes: 100,
      read: refusedJson(`{"${"k".repeat(5e5)}":1,"${"k".repeat(5e5)}":1}`)
    }
  ]
}

const bombCount = async (): Promise<FaultCount> => {
  const faults: Array<string> = []
  const all = await bombs()
  for (const { what, megabytes, read } of all) {
    const before = process.memoryUsage.rss() / 1e6
    const result = await read()
    const grew = process.memoryUsage.rss() / 1e6 - before
    // Text and profiles that do not change the pixels may be passed over instead of refused.
    const harmless = Result.isFailure(result) || what.startsWith("PNG with")
    if (!harmless || grew > megabytes)
      faults.push(`${what}: ${Result.isFailure(result) ? "refused" : "read"}, ${grew.toFixed(0)} MB`)
  }
  return {
    what: "bombs",
    tried: all.length,
    losses: faults.length,
    ...(faults.length > 0 && { note: faults.join("; ") })
  }
}

/** Mutated and made-up files for every parser, and bombs: each must be read or refused, in time and within its memory. */
export const part: FaultPart = {
  name: "hostile files",
  run: async ({ size, seed }) => [await bombCount(), ...(await fuzz({ seed, share: size === "full" ? 1 : 250 }))]
}
