import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { decodeSafetensors } from "../../domain/checkpoint/safetensors.ts"
import { CHECKSUMS_FILE, isChecksumsFile } from "../../domain/data/checksums.ts"
import { decodeNpy } from "../../domain/data/npy.ts"
import { unpackImages } from "../../domain/data/packedImages.ts"
import { imageFileFormat } from "../../domain/image/imageFile.ts"
import { readChecksums, statedDigest } from "../../layers/dataset/checksums.ts"
import { readIdxFile } from "../../layers/dataset/idxFile.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { MAX_FILE_BYTES, readBounded } from "../../layers/file/readBounded.ts"
import { sha256 } from "../../layers/file/sha256.ts"
import { pngError } from "../../layers/image/pngError.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { framingOf } from "../../layers/log/recordFraming.ts"
import { openCached } from "../paper/cached.ts"
import { readResults } from "../paper/readResults.ts"
import type { FileReport } from "./FileState.ts"

/** A file's state without its path. */
export type Finding = Omit<FileReport, "path">

interface Check {
  /** Matches the path of the files that it is for. */
  readonly of: Pick<RegExp, "test">
  /** Fails with what is wrong, in words or as an error. */
  readonly check: (path: string) => Effect.Effect<Finding, Error | string, FileSystem.FileSystem | Path.Path>
}

const bytesOf = (path: string) => FileSystem.FileSystem.use((fs) => readBounded(fs, path, MAX_FILE_BYTES))

const intact = (note: string): Finding => ({ state: "intact", note })
const readable = (note: string): Finding => ({ state: "readable", note })

const idxFile = (rank: number): Check["check"] =>
  Effect.fnUntraced(function* (path: string) {
    const { basename, dirname } = yield* Path.Path
    const directory = dirname(path)
    const stated = yield* statedDigest(yield* readChecksums(directory), basename(path))
    const { shape } = yield* readIdxFile(path, rank, stated)
    const note = `IDX, ${shape.join(" x ")}`
    if (stated !== undefined || path.endsWith(".gz")) return intact(note)
    return readable(`${note}; ${CHECKSUMS_FILE} beside it would prove it: sha256sum * > ${CHECKSUMS_FILE}`)
  })

/** In the order in which they are looked for. Checkpoints are checked as folders, not here. */
const checks: ReadonlyArray<Check> = [
  {
    of: /(^|\/)results\.json$/,
    check: (path) =>
      Effect.map(readResults(path), ({ experiments }) => intact(`results of ${experiments.length} trainings`))
  },
  {
    of: /(^|\/)evaluation\/[^/]+\.json$/,
    check: (path) => Effect.as(openCached(path), intact("measured numbers"))
  },
  {
    of: /(^|\/)log\.jsonl$/,
    check: Effect.fnUntraced(function* (path) {
      const { records, tornLines, damagedLines } = yield* readJsonLines(path)
      if (damagedLines.length > 0)
        return yield* Effect.fail(`lines that are not what was written: ${damagedLines.join(", ")}`)
      const torn = tornLines.length === 0 ? "" : `; lines cut short by a crash, or damaged: ${tornLines.join(", ")}`
      const finding: Finding = tornLines.length === 0 ? intact("") : { state: "damaged", note: "" }
      return { ...finding, note: `log of ${records.length} records${torn}` }
    })
  },
  {
    of: /(^|\/)events\.out\.tfevents\.[^/]*$/,
    check: Effect.fnUntraced(function* (path) {
      const framing = framingOf(yield* bytesOf(path))
      if ("fault" in framing) return yield* Effect.fail(framing.fault)
      if (framing.rest > 0)
        return yield* Effect.fail(`its last record is cut short: ${framing.rest} bytes of it are there`)
      return intact(`TensorBoard's, ${framing.records} events`)
    })
  },
  { of: /images[.-]idx3-ubyte(\.gz)?$/i, check: idxFile(3) },
  { of: /labels[.-]idx1-ubyte(\.gz)?$/i, check: idxFile(1) },
  {
    of: { test: (path) => isChecksumsFile(path.slice(path.lastIndexOf("/") + 1)) },
    check: Effect.fnUntraced(function* (path) {
      const { dirname } = yield* Path.Path
      yield* readChecksums(dirname(path))
      return readable("digests of the files beside it")
    })
  },
  {
    of: /\.png$/,
    check: Effect.fnUntraced(function* (path) {
      const fault = pngError(yield* bytesOf(path))
      return fault === undefined ? intact("image") : yield* Effect.fail(fault)
    })
  },
  {
    of: /\.pictures$/,
    check: (path) =>
      Effect.flatMap(bytesOf(path), (bytes) =>
        Effect.map(Effect.fromResult(unpackImages(bytes, sha256)), ({ files }) =>
          intact(`${files.length} images, decoded`)
        )
      )
  },
  {
    of: /\.webp$/,
    check: (path) =>
      Effect.flatMap(bytesOf(path), (bytes) => Effect.as(Effect.fromResult(imageFileFormat(bytes)), readable("image")))
  },
  {
    of: /\.safetensors$/,
    check: (path) =>
      Effect.flatMap(bytesOf(path), (bytes) =>
        Effect.map(Effect.fromResult(decodeSafetensors(bytes)), ({ tensors }) =>
          readable(`${Object.keys(tensors).length} tensors`)
        )
      )
  },
  {
    of: /\.npy$/,
    check: (path) =>
      Effect.flatMap(bytesOf(path), (bytes) =>
        Effect.map(Effect.fromResult(decodeNpy(bytes)), ({ shape }) => readable(`array, ${shape.join(" x ")}`))
      )
  }
]

/** The state of one file, by what its name says it is. */
export const checkFile = (path: string): Effect.Effect<Finding, never, FileSystem.FileSystem | Path.Path> => {
  const found = checks.find(({ of }) => of.test(path))
  if (found === undefined) return Effect.succeed({ state: "not checked", note: "" })
  return Effect.catch(found.check(path), (error) =>
    Effect.succeed<Finding>({ state: "damaged", note: typeof error === "string" ? error : explain(error) })
  )
}
