import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { CHECKSUMS_FILE } from "../../../domain/dataset/checksums.ts"
import { LABELS_FILE } from "../../../domain/dataset/labelsFile.ts"
import { explain } from "../../file/atomicWrite.ts"
import { DatasetError } from "../Dataset.ts"

/** How deep folders may lie in folders. */
const MAX_DEPTH = 16

/** Files in a folder altogether. */
const MAX_FILES = 2 ** 22

/** A split that has a folder of its own, or all pictures where there is none. */
export type FolderSplit = "all" | "train" | "validation" | "test"

/** A file that may be a picture. */
export interface ListedFile {
  /** From the data set's folder on, with `/` between. */
  readonly path: string
  readonly split: FolderSplit
  /** The folders that it lies in, below that of its split. */
  readonly folders: ReadonlyArray<string>
  readonly isLink: boolean
}

const passedOver = (name: string): boolean => name.startsWith(".") || name === LABELS_FILE || name === CHECKSUMS_FILE

interface Entry {
  readonly name: string
  readonly kind: "folder" | "file" | "link"
}

/**
 * Every file in a folder and the folders in it, in the order of their names (UTF-16 code units), folder by folder. If there
 * are folders `train` and `test` (and `validation`), each is a split, and files beside them are passed over; so are files
 * whose names begin with a dot, `labels.csv` and `SHA256SUMS` anywhere. Links are named, not followed.
 * Fails with a `DatasetError` if a folder cannot be read, or one of `train` and `test` is there without the other or with
 * another folder beside it.
 */
export const listPictures = Effect.fn("Dataset.listPictures")(function* (
  directory: string
): Effect.fn.Return<ReadonlyArray<ListedFile>, DatasetError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const files: Array<ListedFile> = []

  const entriesOf = Effect.fnUntraced(function* (folder: string) {
    const unreadable = Effect.mapError(
      (cause: Error) =>
        new DatasetError({ reason: "Unreadable", file: folder, detail: `it cannot be read (${explain(cause)})`, cause })
    )
    const names = (yield* unreadable(fs.readDirectory(folder))).filter((name) => !passedOver(name)).sort()
    return yield* Effect.forEach(
      names,
      (name) =>
        Effect.gen(function* () {
          const path = join(folder, name)
          if (yield* Effect.isSuccess(fs.readLink(path))) return { name, kind: "link" } as const
          // What cannot be looked at is told of when it is read.
          const type = yield* Effect.orElseSucceed(
            Effect.map(fs.stat(path), (info) => info.type),
            () => "File" as const
          )
          const entry: Entry = { name, kind: type === "Directory" ? "folder" : "file" }
          return entry
        }),
      { concurrency: 8 }
    )
  })

  const walk = Effect.fnUntraced(function* (
    below: string,
    split: FolderSplit,
    folders: ReadonlyArray<string>,
    entries: ReadonlyArray<Entry>
  ): Effect.fn.Return<void, DatasetError> {
    for (const { name, kind } of entries) {
      const path = below === "" ? name : `${below}/${name}`
      if (kind !== "folder") {
        if (files.length === MAX_FILES) {
          const detail = `it holds more than ${MAX_FILES} files`
          return yield* new DatasetError({ reason: "Malformed", file: directory, detail })
        }
        files.push({ path, split, folders, isLink: kind === "link" })
        continue
      }
      if (folders.length === MAX_DEPTH) {
        const detail = `folders lie in it more than ${MAX_DEPTH} deep`
        return yield* new DatasetError({ reason: "Malformed", file: join(directory, path), detail })
      }
      yield* walk(path, split, [...folders, name], yield* entriesOf(join(directory, path)))
    }
  })

  const entries = yield* entriesOf(directory)
  const folders = entries.flatMap(({ name, kind }) => (kind === "folder" ? [name] : []))
  if (!folders.includes("train") && !folders.includes("test")) {
    yield* walk("", "all", [], entries)
    return files
  }
  const other = folders.find((name) => !isSplit(name))
  const missing = ["train", "test"].find((name) => !folders.includes(name))
  if (other !== undefined || missing !== undefined) {
    const what = missing === undefined ? `also a folder ${other}` : `no folder ${missing}`
    const detail = `it has a folder ${missing === "train" ? "test" : "train"}, but ${what}: pictures divided by folders are in train and test, and in validation if they are, and nowhere else`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  for (const split of folders.filter(isSplit)) {
    yield* walk(split, split, [], yield* entriesOf(join(directory, split)))
  }
  return files
})

const isSplit = (name: string): name is "train" | "validation" | "test" =>
  name === "train" || name === "validation" || name === "test"
