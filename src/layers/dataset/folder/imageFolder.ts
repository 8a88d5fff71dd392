import { basename, join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Result from "effect/Result"
import sharp from "sharp"
import type { FolderSplit } from "../../../domain/data/folderSplits.ts"
import { type ImageSet, imageSet, selectImages, withMirrored } from "../../../domain/data/Images.ts"
import type { PackedImages } from "../../../domain/data/packedImages.ts"
import { type SplitSettings, splitImages } from "../../../domain/data/splitImages.ts"
import { explain, ranOut } from "../../file/atomicWrite.ts"
import { readBounded } from "../../file/readBounded.ts"
import { sha256 } from "../../file/sha256.ts"
import { Dataset, DatasetError } from "../Dataset.ts"
import { requireFolder, unreadNow } from "../dataFile.ts"
import { type Candidate, decodeFiles, type ImageShape, MAX_IMAGE_BYTES } from "./decodeFiles.ts"
import { cacheImages, readCachedImages } from "./imageCache.ts"
import { labelImages } from "./labelImages.ts"
import { type ListedFile, listImages } from "./listImages.ts"

/** What is made of a folder's images; `DatasetSettings` says what each field means, and what is done without it. */
export interface ImageFolderOptions extends ImageShape, SplitSettings {
  readonly directory: string
  readonly labels?: "folders" | "file" | "none" | undefined
  readonly unreadable?: "refuse" | "skip" | undefined
  /** Whether training images come mirrored as well. */
  readonly flip?: boolean | undefined
  /** The folder in which decoded images are kept for the next time; nothing is kept if it is left out. */
  readonly cache?: string | undefined
}

/** Files named in one message. */
const MOST_NAMED = 10

/**
 * A person's own images: the PNG, JPEG, WebP, GIF and TIFF files of a folder and the folders in it (`listImages`), turned the
 * right way up, cropped and resized, grey or in colour as `readImageFolder` has it. Every file is read and its SHA-256 taken
 * each time, so that a changed image is noticed; what was decoded from the same files by the same rule before comes from
 * the cache. Folders `train` and `test` (`splitsOfFolders`) are splits; otherwise the settings divide the images.
 *
 * Fails with a `DatasetError` that names the file, or the folder and the setting: for no images or too few, files that are no
 * sound images (all are named, up to ten; `skip` warns of them instead), different sizes without a crop rule, labels that do
 * not fit; and, skipped or not, where the system runs out of open files or memory, which is no fault of an image's.
 */
export const layerImageFolder = (
  options: ImageFolderOptions
): Layer.Layer<Dataset, DatasetError, FileSystem.FileSystem | Path.Path> => Layer.effect(Dataset, load(options))

const load = Effect.fn("Dataset.loadImageFolder")(function* (options: ImageFolderOptions) {
  const { directory } = options
  yield* requireFolder(directory, "the one that holds the images")
  const listed = yield* listImages(directory)
  if (listed.length === 0) return yield* mismatch(directory, "the folder holds no images")
  const sources = yield* Effect.forEach(listed, (file) => sourceOf(directory, file), { concurrency: 8 })
  const images = yield* imagesOf(sources, options)
  yield* tellRefused(directory, listed.length, images, options)

  const sound = new Map(listed.map((file) => [file.path, file]))
  const files = images.files.flatMap((path) => sound.get(path) ?? [])
  const labels = yield* labelImages(directory, files, listed, options.labels)
  const { channels, height, width, pixels } = images
  const all = imageSet({ count: files.length, channels, height, width, pixels, labels })
  const divided = yield* splitsOf(all, files, options)
  const splits = options.flip === true ? { ...divided, training: withMirrored(divided.training) } : divided
  const digestOf = ({ pixels, labels = new Uint8Array() }: ImageSet) => sha256(sha256(pixels) + sha256(labels))
  return Dataset.of({
    name: `folder:${basename(directory)}`,
    digests: {
      "picture files": sha256(JSON.stringify(sources.map(({ path, digest }) => [path.normalize("NFC"), digest]))),
      training: digestOf(splits.training),
      validation: digestOf(splits.validation),
      test: digestOf(splits.test)
    },
    ...splits
  })
})

const mismatch = (directory: string, detail: string): DatasetError =>
  new DatasetError({ reason: "Mismatch", file: directory, detail })

/** A file with the SHA-256 of its bytes, or with what keeps it from being read. */
interface Source extends Candidate {
  readonly digest: string
}

const sourceOf = Effect.fnUntraced(function* (
  directory: string,
  { path, isLink }: ListedFile
): Effect.fn.Return<Source, DatasetError, FileSystem.FileSystem> {
  if (isLink) return { path, digest: "link", problem: "it is a link; put the image itself there" }
  const fs = yield* FileSystem.FileSystem
  const file = join(directory, path)
  const read = yield* Effect.result(readBounded(fs, file, MAX_IMAGE_BYTES))
  if (Result.isSuccess(read)) return { path, digest: sha256(read.success) }
  const lacking = ranOut(explain(read.failure))
  if (lacking !== undefined) return yield* unreadNow(file, lacking)
  // What is wrong with a file that cannot be read is found out once more, and reported, where images are decoded.
  return { path, digest: "unreadable" }
})

/** From the cache, or decoded and put there. */
const imagesOf = Effect.fnUntraced(function* (
  sources: ReadonlyArray<Source>,
  { directory, height, width, channels, crop, cache }: ImageFolderOptions
): Effect.fn.Return<PackedImages, DatasetError, FileSystem.FileSystem | Path.Path> {
  // Another version of the decoder, or of what is made of it, may give other pixels.
  const rule = { version: 2, height, width, channels, crop, decoder: sharp.versions }
  const key = sha256(JSON.stringify([rule, sources.map(({ path, digest }) => [path, digest])]))
  const kept = cache === undefined ? undefined : yield* readCachedImages(cache, key)
  if (kept !== undefined) return kept
  const decoded = { key, ...(yield* decodeFiles(directory, sources, { height, width, channels, crop })) }
  if (cache !== undefined && decoded.files.length > 0) yield* cacheImages(cache, decoded)
  return decoded
})

/** Fails, or warns, if some files are no images. */
const tellRefused = Effect.fnUntraced(function* (
  directory: string,
  count: number,
  { files, refused }: PackedImages,
  { unreadable = "refuse" }: ImageFolderOptions
) {
  const [first] = refused
  if (first === undefined) return
  if (unreadable === "refuse" && refused.length === 1) {
    return yield* new DatasetError({ reason: "Malformed", file: join(directory, first.file), detail: first.problem })
  }
  const named = refused.slice(0, MOST_NAMED).map(({ file, problem }) => `${file}: ${problem}`)
  const more = refused.length > MOST_NAMED ? ` (and ${refused.length - MOST_NAMED} more)` : ""
  const list = `${refused.length} of ${count} files are no images that can be read${more}: ${named.join("; ")}`
  if (unreadable === "refuse" || files.length === 0) {
    const way = unreadable === "refuse" ? '. Or set dataset.unreadable to "skip"' : ""
    return yield* new DatasetError({ reason: "Malformed", file: directory, detail: `${list}${way}` })
  }
  yield* Effect.logWarning(`${directory}: ${list}. They are passed over`)
})

const splitsOf = Effect.fnUntraced(function* (
  all: ImageSet,
  files: ReadonlyArray<ListedFile>,
  options: ImageFolderOptions
) {
  const { directory, test } = options
  const indicesOf = (split: FolderSplit) =>
    Uint32Array.from(files.flatMap((file, n) => (file.split === split ? [n] : [])))
  const inTurn = (count: number, settings: SplitSettings) =>
    Effect.mapError(Effect.fromResult(splitImages(count, settings)), (problem) => mismatch(directory, problem))
  if (files.every(({ split }) => split === "all")) {
    const split = yield* inTurn(all.count, options)
    return {
      training: selectImages(all, split.training),
      validation: selectImages(all, split.validation),
      test: selectImages(all, split.test)
    }
  }
  const [own, validation] = [indicesOf("test"), indicesOf("validation")]
  const contradicted =
    test !== undefined ? "test" : options.validation !== undefined && validation.length > 0 ? "validation" : undefined
  if (contradicted !== undefined) {
    const detail = `dataset.${contradicted} is set, but the folder ${contradicted} says which images those are`
    return yield* mismatch(directory, detail)
  }
  const empty = own.length === 0 ? "test" : indicesOf("train").length === 0 ? "train" : undefined
  if (empty !== undefined) return yield* mismatch(directory, `the folder ${empty} holds no images`)
  const train = selectImages(all, indicesOf("train"))
  const kept = validation.length > 0 ? { ...options, validation: 0 } : options
  const split = yield* inTurn(train.count, { ...kept, test: 0 })
  return {
    training: selectImages(train, split.training),
    validation: validation.length > 0 ? selectImages(all, validation) : selectImages(train, split.validation),
    test: selectImages(all, own)
  }
})
