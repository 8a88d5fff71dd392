import { gzipSync } from "node:zlib"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Logger from "effect/Logger"
import * as Result from "effect/Result"
import sharp from "sharp"
import { descriptionOf, openManifest } from "../../src/domain/checkpoint/Manifest.ts"
import { decodeSafetensors, encodeSafetensors } from "../../src/domain/checkpoint/safetensors.ts"
import { parseChecksums } from "../../src/domain/data/checksums.ts"
import { CIFAR10_RECORD_BYTES, parseCifar10 } from "../../src/domain/data/cifar10.ts"
import { parseIdx } from "../../src/domain/data/idx.ts"
import { parseLabels } from "../../src/domain/data/labelsFile.ts"
import { decodeNpy, encodeNpy } from "../../src/domain/data/npy.ts"
import { npyImages } from "../../src/domain/data/npyImages.ts"
import { packImages, unpackImages } from "../../src/domain/data/packedImages.ts"
import { decodeSettings, settingsFrom, settingsJson } from "../../src/domain/experiment/presets.ts"
import { decodeRunDescription, encodeRunDescription } from "../../src/domain/experiment/RunDescription.ts"
import { profileMeaning } from "../../src/domain/image/colourProfile.ts"
import { imageFileFormat } from "../../src/domain/image/imageFile.ts"
import { tidyJpeg } from "../../src/domain/image/tidyJpeg.ts"
import { sealJson } from "../../src/domain/json/checksummedJson.ts"
import { parseJson } from "../../src/domain/json/parseJson.ts"
import { bundledPlan, decodePlan, plannedRuns } from "../../src/domain/paper/plan/ReproductionPlan.ts"
import { decodeResults, encodeResults } from "../../src/domain/paper/report/resultsFile.ts"
import { filled, tensorData } from "../../src/domain/tensor/TensorData.ts"
import { readCheckpointFolder } from "../../src/layers/checkpoint/checkpointFolder.ts"
import { packCheckpoint } from "../../src/layers/checkpoint/packedCheckpoint.ts"
import { decodeFiles } from "../../src/layers/dataset/folder/decodeFiles.ts"
import { readIdxFile } from "../../src/layers/dataset/idxFile.ts"
import { sha256 } from "../../src/layers/file/sha256.ts"
import { pngError } from "../../src/layers/image/pngError.ts"
import { checkedLine } from "../../src/layers/log/checkedLine.ts"
import { readJsonLines } from "../../src/layers/log/readJsonLines.ts"
import { readSamples } from "../../src/layers/samples/readSamples.ts"
import { manifest } from "../domain/checkpoint/exampleManifest.ts"
import { encodeIdx } from "../support/encodeIdx.ts"
import { displayP3Primaries, iccChunk, iccProfile, pngFile, tiffFile, withOrientation } from "../support/imageFiles.ts"
import { resultsFixture } from "../support/resultsFixture.ts"
import { memoryFiles } from "./memoryFiles.ts"
import { mutated, mutatedJson } from "./mutate.ts"
import type { Draw } from "./random.ts"

/** What a parser makes of an input: `refused` with a tagged error or words, or read. Anything else is a fault. */
export type Verdict = "read" | "refused" | "fault"

/** A parser under test. */
export interface Parser {
  readonly name: string
  /** Inputs of a full run. */
  readonly inputs: number
  /** The bytes of the next input. */
  readonly input: (draw: Draw) => Uint8Array
  readonly parse: (bytes: Uint8Array) => Verdict | Promise<Verdict>
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const isTagged = (error: unknown): boolean =>
  typeof error === "string" ||
  (error instanceof Error && "_tag" in error && error.message !== "" && error.message.length < 20_000)

const judge = (result: Result.Result<unknown, unknown>): Verdict =>
  Result.isSuccess(result) ? "read" : isTagged(result.failure) ? "refused" : "fault"

/** Runs a reader of files on files in memory; a defect is a fault. */
const onFiles = async (
  files: Readonly<Record<string, Uint8Array>>,
  read: Effect.Effect<unknown, unknown, FileSystem.FileSystem>
): Promise<Verdict> => {
  const effect = Effect.result(read).pipe(
    Effect.provideService(FileSystem.FileSystem, memoryFiles(files)),
    Effect.provide(Logger.layer([]))
  )
  return judge(await Effect.runPromise(effect))
}

const text = (parse: (text: string) => Result.Result<unknown, unknown>) => (bytes: Uint8Array) =>
  judge(parse(textOf(bytes)))

/** Half of the inputs are texts changed as bytes, half are changed as JSON and written again by `write`. */
const jsonInput =
  (values: ReadonlyArray<unknown>, write: (json: unknown) => string) =>
  (draw: Draw): Uint8Array => {
    const value = values[draw(values.length)]
    if (draw(2) === 0) return bytesOf(write(mutatedJson(draw, value)))
    return mutated(
      draw,
      values.map((one) => bytesOf(write(one))),
      jsonWords
    )
  }
const jsonWords = [
  '"__proto__":',
  '"kind":',
  "[[[[[[",
  '{"a":{"a":',
  "null",
  "1e999",
  "\\u0000",
  '"',
  ",",
  "\\ud800",
  "\u2028"
]
const plainJson = (json: unknown): string => JSON.stringify(json) ?? "null"

/** A reader that trusts a seal gets one, whatever stands before it. */
const sealed = (json: unknown): string =>
  typeof json === "object" && json !== null && Object.keys(json).length > 0 ? sealJson(json, sha256) : plainJson(json)

const grey = { channels: 1, height: 4, width: 3 }
const values = Float32Array.from({ length: 24 }, (_, i) => i / 24)
const images = tensorData([2, 4, 3], values)

const safetensors = [
  encodeSafetensors({ a: filled([2, 3], 1), b: filled([], 2) }, { note: "é" }),
  encodeSafetensors({ w: tensorData([2], new Float64Array(2)) }),
  encodeSafetensors({})
]
const idx = encodeIdx({ shape: [2, 4, 3], values: new Uint8Array(24).fill(7) })
const labels = encodeIdx({ shape: [5], values: Uint8Array.of(0, 1, 2, 3, 4) })

const cifar10 = new Uint8Array(2 * CIFAR10_RECORD_BYTES).fill(7)
const labelled = bytesOf('file,label\na.png,cat\n"b, ""c"".png","a\ndog"\n')
const packedImages = packImages(
  {
    key: "k",
    channels: 1,
    height: 2,
    width: 3,
    files: ["a.png", "b.png"],
    refused: [{ file: "c.png", problem: "none" }],
    pixels: new Uint8Array(12).fill(9)
  },
  sha256
)

/** A gzip file whose payload is far larger than the IDX header in it says, and one whose header says 2 GB. */
const gzipBombs = [
  gzipSync(Buffer.concat([idx, Buffer.alloc(50_000_000)])),
  gzipSync(Buffer.concat([Buffer.of(0, 0, 8, 3, 0, 0, 0x7f, 0xff, 0, 0, 0xff, 0xff, 0, 0, 0, 1), Buffer.alloc(1000)]))
]

const packed = Result.getOrThrow(
  packCheckpoint({
    description: { ...descriptionOf(manifest), update: 1 },
    tensors: { "generator.weight": filled([2, 3], 1), "optimizer.step": filled([], 1) }
  })
)

/** A checkpoint whose manifest vouches for whatever the tensors' file holds: its parser is what stands behind the digests. */
const vouched = (tensors: Uint8Array) => {
  const described = {
    ...manifest,
    update: 1,
    tensors: { ...manifest.tensors, bytes: tensors.length, sha256: sha256(tensors) }
  }
  return { "c/manifest.json": bytesOf(sealJson(described, sha256)), "c/tensors.safetensors": tensors }
}
const join = (...parts: ReadonlyArray<string>): string => parts.join("/")
const readCheckpoint = FileSystem.FileSystem.use((fs) => readCheckpointFolder(fs, join, "c", 1))

const paper = Result.getOrThrow(settingsFrom("paper"))
const baseline = Result.getOrThrow(settingsFrom("baseline"))
const settings = [paper, baseline].map(settingsJson)
const plans: ReadonlyArray<unknown> = ["reproduction", "quick"].map((name) =>
  JSON.parse(JSON.stringify(Result.getOrThrow(bundledPlan(name === "quick" ? "quick" : "reproduction"))))
)
const description = JSON.parse(JSON.stringify(encodeRunDescription({ settings: paper, format: grey })))
const { seal: _seal, ...results } = JSON.parse(encodeResults(resultsFixture(), sha256))
const events = [
  { time: "t", _tag: "Interrupted", update: 7 },
  { time: "t", _tag: "Checkpointed", update: 7, path: "p" },
  {
    time: "t",
    _tag: "Progress",
    update: 1,
    totalUpdates: 9,
    epoch: 0.5,
    metrics: { a: "NaN", b: 1 },
    updatesPerSecond: 1,
    secondsLeft: "Infinity"
  }
]

const greyProfile = iccProfile({ grey: true, curve: 1 })
const raw = () => sharp(Buffer.alloc(12, 9), { raw: { width: 3, height: 4, channels: 1 } })

/** The parsers, with valid files to begin from. Together a full run has more than a million inputs. */
export const makeParsers = async (): Promise<ReadonlyArray<Parser>> => {
  const files = [
    await raw().png().toBuffer(),
    await raw().jpeg().toBuffer(),
    await raw().webp().toBuffer(),
    await raw().gif().toBuffer(),
    await raw().tiff({ compression: "deflate" }).toBuffer(),
    await raw().tiff({ compression: "none", tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer(),
    withOrientation(await raw().jpeg({ progressive: true }).toBuffer(), 3),
    pngFile({ width: 3, height: 4, channels: 2, bits: 8, data: Buffer.alloc(24, 9) }, [iccChunk(greyProfile)]),
    tiffFile({ width: 3, height: 4, channels: 1, bits: 16, data: Buffer.alloc(24, 9) }, { icc: greyProfile })
  ]
  const from = (corpus: ReadonlyArray<Uint8Array>, words: ReadonlyArray<string>) => (draw: Draw) =>
    mutated(draw, corpus, words)
  const tensorWords = [
    '"dtype":"F64"',
    '"shape":[1,',
    '"data_offsets":[0,',
    '{"t":',
    '"__metadata__":{',
    "BF16",
    "]",
    "}"
  ]
  const npyWords = ["'descr': ", "'|u1'", "'shape': (", "True", "False", "(1,)", "'fortran_order': ", ")", "}", "\n"]
  return [
    {
      name: "safetensors",
      inputs: 220_000,
      input: from(safetensors, tensorWords),
      parse: (b) => judge(decodeSafetensors(b))
    },
    { name: "IDX images", inputs: 180_000, input: from([idx], ["\0\0\x08\x03"]), parse: (b) => judge(parseIdx(b, 3)) },
    {
      name: "IDX labels",
      inputs: 100_000,
      input: from([labels], ["\0\0\x08\x01"]),
      parse: (b) => judge(parseIdx(b, 1))
    },
    {
      name: "NumPy",
      inputs: 180_000,
      input: from([encodeNpy(images), encodeNpy(tensorData([24], values))], npyWords),
      parse: (b) => judge(Result.flatMap(decodeNpy(b), (array) => npyImages(array, grey)))
    },
    {
      name: "CIFAR-10",
      inputs: 20_000,
      input: from([cifar10], ["\0", "\x09", "\x0a"]),
      parse: (b) => judge(parseCifar10(b))
    },
    {
      name: "labels.csv",
      inputs: 50_000,
      input: from([labelled], ["file,label", '"', '""', ",", "\r\n", "\n"]),
      parse: text(parseLabels)
    },
    {
      name: "decoded images that are kept",
      inputs: 30_000,
      input: from([packedImages], ['"files":[', '"refused":[]', '"height":', "1e9", "null", "}\n"]),
      parse: (b) => judge(unpackImages(b, sha256))
    },
    {
      name: "PNG and WebP headers and checksums",
      inputs: 150_000,
      input: from(files, ["IHDR", "IDAT", "IEND", "VP8X", "VP8L", "RIFF"]),
      parse: (bytes) => {
        pngError(bytes)
        return judge(imageFileFormat(bytes))
      }
    },
    {
      name: "SHA256SUMS",
      inputs: 50_000,
      input: from([bytesOf(`${sha256("a")}  train-images-idx3-ubyte\n${sha256("b")} *b\n`)], ["../", "  ", "\n", "\0"]),
      parse: text(parseChecksums)
    },
    {
      name: "settings",
      inputs: 50_000,
      input: jsonInput(settings, plainJson),
      parse: text((json) => Result.flatMap<unknown, unknown, unknown, unknown>(parseJson(json), decodeSettings))
    },
    {
      name: "plans",
      inputs: 15_000,
      input: jsonInput(plans, plainJson),
      parse: text((json) =>
        Result.flatMap<unknown, unknown, unknown, unknown>(parseJson(json), (plan) =>
          Result.flatMap(decodePlan(plan), (sound) => plannedRuns(sound, { replicas: 1, changes: {} }))
        )
      )
    },
    {
      name: "manifests behind a valid seal",
      inputs: 40_000,
      input: jsonInput([manifest], sealed),
      parse: text((json) => openManifest(json, sha256))
    },
    {
      name: "descriptions of runs",
      inputs: 20_000,
      input: jsonInput([description], plainJson),
      parse: text((json) => Result.flatMap<unknown, unknown, unknown, unknown>(parseJson(json), decodeRunDescription))
    },
    {
      name: "results behind a valid seal",
      inputs: 2_000,
      input: jsonInput([results], sealed),
      parse: text((json) => decodeResults(json, "results.json", sha256))
    },
    {
      name: "logs with valid checks",
      inputs: 20_000,
      input: (draw) => {
        const line = () => {
          const json = mutatedJson(draw, events[draw(events.length)])
          return typeof json === "object" && json !== null && Object.keys(json).length > 0
            ? checkedLine(json)
            : plainJson(json)
        }
        const lines = bytesOf(`${line()}\n${line()}\n`)
        return draw(2) === 0 ? lines : mutated(draw, [lines], jsonWords)
      },
      parse: (b) => onFiles({ "log.jsonl": b }, readJsonLines("log.jsonl"))
    },
    {
      name: "checkpoints whose manifest vouches for the tensors",
      inputs: 15_000,
      input: from([...safetensors, packed.tensors], tensorWords),
      parse: (b) => onFiles(vouched(b), readCheckpoint)
    },
    {
      name: "gzip with IDX",
      inputs: 10_000,
      input: (draw) =>
        draw(500) === 0
          ? (gzipBombs[draw(2)] ?? idx)
          : mutated(draw, [gzipSync(idx), gzipSync(Buffer.concat([idx, idx]))], []),
      parse: (b) => onFiles({ "f.gz": b }, readIdxFile("f.gz", 3))
    },
    {
      name: "PNG, JPEG, WebP, GIF and TIFF files",
      inputs: 5_000,
      input: from(files, ["IHDR", "IDAT", "zTXt", "iCCP", "\xff\xc0", "\xff\xda", "VP8X"]),
      parse: (b) => onFiles({ "p/1.png": b }, readSamples("p", grey))
    },
    {
      name: "the same, cropped and resized",
      inputs: 3_000,
      input: from(files, ["IHDR", "IDAT", "Exif", "\xff\xc0", "\xff\xda", "VP8X"]),
      parse: (b) => {
        const shape = { height: 5, width: 2, crop: "centre" } as const
        const decoded = Effect.flatMap(decodeFiles("p", [{ path: "1.png" }], shape), ({ refused: [first] }) =>
          first === undefined ? Effect.void : Effect.fail(first.problem)
        )
        return onFiles({ "p/1.png": b }, decoded)
      }
    },
    {
      name: "colour profiles",
      inputs: 20_000,
      input: from(
        [greyProfile, iccProfile({ primaries: displayP3Primaries })],
        ["kTRC", "rTRC", "curv", "para", "A2B0", "Lab "]
      ),
      parse: (b) => {
        const meanings = [profileMeaning(b, 1), profileMeaning(b, 3)]
        for (const meaning of meanings) {
          if (typeof meaning !== "string") meaning(Uint16Array.of(0, 1_000, 30_000, 65_535), 4)
        }
        return meanings.every((meaning) => meaning === "same") ? "refused" : "read"
      }
    },
    {
      name: "JPEG segments, made tidy",
      inputs: 50_000,
      input: from(files.slice(1, 2), ["\xff\xda", "\xff\xee\0\x0eAdobe", "\xff\xff", "\xff\0"]),
      parse: (b) => (tidyJpeg(b) === undefined ? "refused" : "read")
    }
  ]
}
