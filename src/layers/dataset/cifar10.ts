import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { parseCifar10 } from "../../domain/dataset/cifar10.ts"
import { type ImageSet, joinImages } from "../../domain/dataset/Images.ts"
import { sha256 } from "../file/sha256.ts"
import { readChecksums, statedDigest } from "./checksums.ts"
import { Dataset, type DatasetError } from "./Dataset.ts"
import { altered, malformed, readDataFile, requireFolder } from "./dataFile.ts"

const TRAINING = ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin"]
const VALIDATION = ["data_batch_5.bin"]
const TEST = ["test_batch.bin"]

/** The folder that the published archive unpacks to. */
const INNER = "cifar-10-batches-bin"

/** Ten times what is published in one file. */
const MAX_BATCH_BYTES = 300_000_000

/**
 * CIFAR-10 from a folder with its binary files, or from the folder around it (`cifar-10-batches-bin`): pictures `[3, 32, 32]`
 * of ten classes. Trains on `data_batch_1.bin` to `data_batch_4.bin`; `data_batch_5.bin` is for validation, `test_batch.bin` for
 * testing. The files may hold fewer pictures than the published ones. If there is a `SHA256SUMS` beside them, they are
 * compared with it before anything is parsed. Fails with a `DatasetError` that names the file and says what is wrong with it.
 */
export const layerCifar10 = (directory: string): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem> =>
  Layer.effect(Dataset, load(directory))

const load = Effect.fn("Dataset.loadCifar10")(function* (given: string) {
  const fs = yield* FileSystem.FileSystem
  yield* requireFolder(given, "the one that holds CIFAR-10's binary files")
  const inner = join(given, INNER)
  const directory = (yield* Effect.orElseSucceed(fs.exists(inner), () => false)) ? inner : given
  const stated = yield* readChecksums(directory)
  const digests: Record<string, string> = {}
  const read = Effect.fnUntraced(function* (name: string) {
    const path = join(directory, name)
    const expected = yield* statedDigest(stated, directory, name)
    const bytes = yield* readDataFile(path, MAX_BATCH_BYTES)
    const digest = sha256(bytes)
    if (expected !== undefined && digest !== expected) return yield* altered(path, "SHA-256", expected, digest)
    digests[basename(path)] = digest
    return yield* Effect.mapError(Effect.fromResult(parseCifar10(bytes)), (error) =>
      malformed(path, error.message, error)
    )
  })
  const readAll = (names: ReadonlyArray<string>): Effect.Effect<ImageSet, DatasetError, FileSystem.FileSystem> =>
    Effect.map(Effect.forEach(names, read), joinImages)
  const [training, validation, test] = [yield* readAll(TRAINING), yield* readAll(VALIDATION), yield* readAll(TEST)]
  return Dataset.of({ name: "cifar10", digests, training, validation, test })
})
