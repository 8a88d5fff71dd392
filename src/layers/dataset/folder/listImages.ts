import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { isChecksumsFile } from "../../../domain/data/checksums.ts"
import { type FolderSplit, lookLikeSplits, splitsOfFolders } from "../../../domain/data/folderSplits.ts"
import { LABELS_FILE } from "../../../domain/data/labelsFile.ts"
import { isLeftBehind } from "../../../domain/text/fileNames.ts"
import { explain } from "../../file/atomicWrite.ts"
import { DatasetError } from "../Dataset.ts"

/** How deep folders may lie in folders. */
const MAX_DEPTH = 16

/** Files in a folder altogether. */
const MAX_FILES = 2 ** 22

/** A file that may be an image. */
export interface ListedFile {
  /** From the data set's folder on, with `/` between. */
  readonly path: string
  readonly split: FolderSplit
  /** The folders that it lies in, below that of its split. */
  readonly folders: ReadonlyArray<string>
  readonly isLink: boolean
}

/** Whether a file is a `labels.csv`, in any letter case. */
export const isLabelsFile = (name: string): boolean => name.toLowerCase() === LABELS_FILE

const passedOver = (name: string): boolean => isLeftBehind(name) || isLabelsFile(name) || isChecksumsFile(name)

/** In the order of names as they are composed, so that it does not depend on the system that wrote them. */
const byName = (left: string, right: string): number => {
  const [a, b] = [left.normalize("NFC"), right.normalize("NFC")]
  return a < b ? -1 : a > b ? 1 : left < right ? -1 : 1
}

interface Entry {
  readonly name: string
  readonly kind: "folder" | "file" | "link"
}

/**
 * Every file in a folder and the folders in it, in the order of their names (UTF-16 code units of their NFC), folder by folder.
 * If folders in it have the names of splits (`splitsOfFolders`), each is a split, and files next to them are passed over; so are
 * files that systems leave behind (`isLeftBehind`), `labels.csv` and `SHA256SUMS` anywhere. Links are named, not followed.
 * Fails with a `DatasetError` if a folder cannot be read, names leave it open which images are for training, or folders of
 * splits lie deeper.
 */
export const listImages = Effect.fn("Dataset.listImages")(function* (
  directory: string
): Effect.fn.Return<ReadonlyArray<ListedFile>, DatasetError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const files: Array<ListedFile> = []

  const entriesOf = Effect.fnUntraced(function* (folder: string) {
    const unreadable = Effect.mapError(
      (cause: Error) =>
        new DatasetError({ reason: "Unreadable", file: folder, detail: `it cannot be read (${explain(cause)})`, cause })
    )
    const names = (yield* unreadable(fs.readDirectory(folder))).filter((name) => !passedOver(name)).sort(byName)
    return yield* Effect.forEach(
      names,
      (name) =>
        Effect.gen(function* () {
          const path = join(folder, name)
          if (yield* Effect.isSuccess(fs.readLink(path))) return { name, kind: "link" } as const
          // What cannot be looked at is reported when it is read.
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
      const inner = yield* entriesOf(join(directory, path))
      if (split === "all") yield* requireNoSplits(path, inner)
      yield* walk(path, split, [...folders, name], inner)
    }
  })

  const mismatch = (file: string, detail: string) => new DatasetError({ reason: "Mismatch", file, detail })

  /** Below classes, or one folder further down, splits would be trained on as one. */
  const requireNoSplits = Effect.fnUntraced(function* (path: string, entries: ReadonlyArray<Entry>) {
    const splits = lookLikeSplits(foldersIn(entries))
    if (splits.length === 0) return
    const detail = `it holds folders ${splits.join(" and ")}, but the folders of splits lie in the data set's own folder: give ${join(directory, path)}, or move them`
    return yield* mismatch(join(directory, path), detail)
  })

  const entries = yield* entriesOf(directory)
  const splits = yield* Effect.mapError(Effect.fromResult(splitsOfFolders(foldersIn(entries))), (detail) =>
    mismatch(directory, detail)
  )
  if (splits.size === 0) {
    yield* walk("", "all", [], entries)
    return files
  }
  for (const [name, split] of splits) yield* walk(name, split, [], yield* entriesOf(join(directory, name)))
  return files
})

const foldersIn = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> =>
  entries.flatMap(({ name, kind }) => (kind === "folder" ? [name] : []))
