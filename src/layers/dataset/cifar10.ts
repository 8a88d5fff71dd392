import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { parseCifar10 } from "../../domain/data/cifar10.ts"
import { type ImageSet, joinImages } from "../../domain/data/Images.ts"
import { fileKind } from "../../domain/text/fileKind.ts"
import { sha256 } from "../file/sha256.ts"
import { readChecksums, statedDigest } from "./checksums.ts"
import { Dataset, DatasetError } from "./Dataset.ts"
import { altered, insteadOf, malformed, nameInFolder, namesIn, readDataFile, requireFolder } from "./dataFile.ts"

const TRAINING = ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin"]
const VALIDATION = ["data_batch_5.bin"]
const TEST = ["test_batch.bin"]

/** The folder that the published archive unpacks to. */
const INNER = "cifar-10-batches-bin"

/** Ten times what is published in one file. */
const MAX_BATCH_BYTES = 300_000_000

/**
 * CIFAR-10 from a folder with its binary files, or from the folder around it (`cifar-10-batches-bin`): images `[3, 32, 32]`
 * of ten classes. Trains on `data_batch_1.bin` to `data_batch_4.bin`; `data_batch_5.bin` is for validation, `test_batch.bin` for
 * testing. The files may hold fewer images than the published ones, and their names have any letter case. If there is a
 * `SHA256SUMS` next to them, they are compared with it before anything is parsed. Fails with a `DatasetError` that names the file
 * and says what is wrong with it.
 */
export const layerCifar10 = (directory: string): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem> =>
  Layer.effect(Dataset, load(directory))

const load = Effect.fn("Dataset.loadCifar10")(function* (given: string) {
  yield* requireFolder(given, "the one that holds CIFAR-10's binary files")
  const inner = yield* nameInFolder(given, yield* namesIn(given), INNER)
  const directory = inner === undefined ? given : join(given, inner)
  const names = yield* namesIn(directory)
  const stated = yield* readChecksums(directory)
  const digests = new Map<string, string>()
  const read = Effect.fnUntraced(function* (name: string) {
    const found = yield* nameInFolder(directory, names, name)
    const path = join(directory, found ?? name)
    if (found === undefined) {
      const detail = `there is no such file${yield* insteadOf(directory, (each) => each.toLowerCase() === name)}`
      return yield* new DatasetError({ reason: "Missing", file: path, detail })
    }
    const expected = yield* statedDigest(stated, found)
    const bytes = yield* readDataFile(path, MAX_BATCH_BYTES)
    const digest = sha256(bytes)
    if (expected !== undefined && digest !== expected) return yield* altered(path, "SHA-256", expected, digest)
    digests.set(name, digest)
    const kind = fileKind(bytes)
    return yield* Effect.mapError(Effect.fromResult(parseCifar10(bytes)), (error) =>
      malformed(path, kind === undefined ? error.message : `it is ${kind}, not a binary file of CIFAR-10`, error)
    )
  })
  const readAll = (names: ReadonlyArray<string>): Effect.Effect<ImageSet, DatasetError, FileSystem.FileSystem> =>
    Effect.map(Effect.forEach(names, read), joinImages)
  const [training, validation, test] = [yield* readAll(TRAINING), yield* readAll(VALIDATION), yield* readAll(TEST)]
  return Dataset.of({ name: "cifar10", digests: Object.fromEntries(digests), training, validation, test })
})
