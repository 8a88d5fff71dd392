import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { type ImageSet, imageSet, takeImages } from "../../domain/data/Images.ts"
import { canonicalDataName } from "../../domain/experiment/dataIdentity.ts"
import { own } from "../../domain/record/own.ts"
import { readChecksums, statedDigest } from "./checksums.ts"
import { Dataset, DatasetError } from "./Dataset.ts"
import { insteadOf, nameInFolder, namesIn, requireFolder } from "./dataFile.ts"
import { readIdxFile } from "./idxFile.ts"

/** Where the images are and how they are split. */
export interface IdxFolderSettings {
  readonly directory: string
  /** How many of the last training images are kept for validation; by default a sixth of them, rounded down. */
  readonly validationCount?: number
  /** Stands in checkpoints and logs; by default `idx:` and the folder's name. */
  readonly name?: string
  /** False for images without classes: no label files are looked for. By default they must be there. */
  readonly labels?: boolean
  /** SHA-256 (or MD5, hexadecimal) that files of these names must have, compared before anything is parsed. */
  readonly expectedDigests?: Readonly<Record<string, string>>
}

interface LoadedSplit {
  readonly images: ImageSet
  readonly digests: Readonly<Record<string, string>>
}

const IMAGES = "images-idx3-ubyte"
const LABELS = "labels-idx1-ubyte"

/**
 * The names a file may have: `train-images-idx3-ubyte` is also met as `train-images.idx3-ubyte`, and either with `.gz`.
 */
const spellings = (name: string): ReadonlyArray<string> => {
  const dotted = name.replace("-idx", ".idx")
  return [name, `${name}.gz`, dotted, `${dotted}.gz`]
}

/** Whether a file could be one of an IDX data set by its name. */
const isIdx = (name: string): boolean => /images[-.]idx3-ubyte(\.gz)?$/i.test(name)

/** The first spelling of the name that is in the folder, in any letter case. */
const findFile = Effect.fnUntraced(function* (directory: string, name: string, purpose: string) {
  const names = yield* namesIn(directory)
  for (const spelling of spellings(name)) {
    const found = yield* nameInFolder(directory, names, spelling)
    if (found !== undefined) return join(directory, found)
  }
  const others = names.filter(isIdx)
  const instead =
    others.length > 0
      ? `; it holds ${others.slice(0, MOST_NAMED).join(", ")}`
      : yield* insteadOf(directory, (each) => spellings(name).includes(each.toLowerCase()))
  return yield* new DatasetError({
    reason: "Missing",
    file: directory,
    detail: `the folder has no ${purpose}: a file named ${spellings(name).join(" or ")} is needed${instead}`
  })
})

/** Files named in one message. */
const MOST_NAMED = 5

/** One name for every spelling, plain or compressed, under which the digest of a file is recorded. */
const recordedName = (path: string): string => canonicalDataName(basename(path))

const loadSplit = Effect.fnUntraced(function* (settings: IdxFolderSettings, prefix: string, split: string) {
  const { directory, expectedDigests = {}, labels: labelled = true } = settings
  const stated = yield* readChecksums(directory)
  const read = Effect.fnUntraced(function* (path: string, rank: number) {
    const name = basename(path)
    const digest = own(expectedDigests, recordedName(path)) ?? (yield* statedDigest(stated, name))
    return yield* readIdxFile(path, rank, digest)
  })

  const imagesPath = yield* findFile(directory, `${prefix}-${IMAGES}`, `${split} images`)
  const labelsPath = labelled ? yield* findFile(directory, `${prefix}-${LABELS}`, `${split} labels`) : undefined
  const images = yield* read(imagesPath, 3)
  const labels = labelsPath === undefined ? undefined : yield* read(labelsPath, 1)
  const [count = 0, height = 0, width = 0] = images.shape
  if (labelsPath !== undefined && labels !== undefined && labels.values.length !== count) {
    return yield* new DatasetError({
      reason: "Mismatch",
      file: labelsPath,
      detail: `it has ${labels.values.length} labels for the ${count} images of ${basename(imagesPath)}`
    })
  }
  const loaded: LoadedSplit = {
    images: imageSet({ count, channels: 1, height, width, pixels: images.values, labels: labels?.values }),
    digests: {
      [recordedName(imagesPath)]: images.digest,
      ...(labelsPath === undefined || labels === undefined ? {} : { [recordedName(labelsPath)]: labels.digest })
    }
  }
  return loaded
})

const load = Effect.fn("Dataset.loadIdxFolder")(function* (settings: IdxFolderSettings) {
  const { directory } = settings
  yield* requireFolder(directory, "the one that holds the IDX files")
  const train = yield* loadSplit(settings, "train", "training")
  const test = yield* loadSplit(settings, "t10k", "test")

  const { count, height, width } = train.images
  if (test.images.height !== height || test.images.width !== width) {
    return yield* new DatasetError({
      reason: "Mismatch",
      file: directory,
      detail:
        `the training images have ${height} rows and ${width} columns, ` +
        `the test images ${test.images.height} and ${test.images.width}; they must be of one size`
    })
  }
  const validationCount = settings.validationCount ?? Math.floor(count / 6)
  if (!Number.isInteger(validationCount) || validationCount < 0 || validationCount >= count) {
    return yield* new DatasetError({
      reason: "Mismatch",
      file: directory,
      detail: `of ${count} training images, ${validationCount} cannot be kept for validation: give 0 to ${count - 1}`
    })
  }
  return Dataset.of({
    name: settings.name ?? `idx:${basename(directory)}`,
    digests: { ...train.digests, ...test.digests },
    training: takeImages(train.images, 0, count - validationCount),
    validation: takeImages(train.images, count - validationCount, count),
    test: test.images
  })
})

/**
 * A folder of grey images in the files of the MNIST distribution: `train-images-idx3-ubyte`,
 * `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`, `t10k-labels-idx1-ubyte`; each also as
 * `train-images.idx3-ubyte` and so on, with `.gz`, and in any letter case. If there is a `SHA256SUMS` next to them (`sha256sum * > SHA256SUMS`),
 * they are compared with it before anything is parsed.
 * Fails with a `DatasetError` that names the file and says what is wrong with it.
 */
export const layerIdxFolder = (
  settings: IdxFolderSettings
): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem> => Layer.effect(Dataset, load(settings))
