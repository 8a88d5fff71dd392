import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { classLabels } from "../../../domain/dataset/classLabels.ts"
import { LABELS_FILE, parseLabels } from "../../../domain/dataset/labelsFile.ts"
import { explain } from "../../file/atomicWrite.ts"
import { readBoundedText } from "../../file/readBounded.ts"
import { DatasetError } from "../Dataset.ts"
import type { ListedFile } from "./listPictures.ts"

const MAX_LABELS_BYTES = 64_000_000

/**
 * The labels of the `pictures` of a folder, `[count]`, or `undefined` where they have none: from `labels.csv`, which must
 * name every one of them and nothing that was not `listed`, or by the folder that each lies in (below that of its split).
 * Fails with a `DatasetError` for a labels.csv that is not one or does not fit, pictures outside of the classes' folders, classes
 * that only a test or validation folder has, or more than 256 classes.
 */
export const labelPictures = Effect.fn("Dataset.labelPictures")(function* (
  directory: string,
  pictures: ReadonlyArray<ListedFile>,
  listed: ReadonlyArray<ListedFile>,
  wanted: "folders" | "file" | "none" | undefined
): Effect.fn.Return<Uint8Array | undefined, DatasetError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const file = join(directory, LABELS_FILE)
  const hasFile = yield* Effect.orElseSucceed(fs.exists(file), () => false)
  const hasFolders = pictures.some(({ folders }) => folders.length > 0)
  const source = wanted ?? (hasFile ? "file" : hasFolders ? "folders" : "none")
  if (source === "none") return undefined
  const classes =
    source === "file" ? yield* classesOfFile(file, pictures, listed) : yield* classesOfFolders(directory, pictures)
  const known = new Set(pictures.flatMap(({ split }, n) => (split === "all" || split === "train" ? [classes[n]] : [])))
  const unknown = classes.findIndex((name) => !known.has(name))
  if (unknown >= 0) {
    const detail = `${pictures[unknown]?.path} is of the class ${classes[unknown]}, of which there are no training pictures`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  const { labels } = yield* Effect.mapError(
    Effect.fromResult(classLabels(classes)),
    (detail) => new DatasetError({ reason: "Mismatch", file: directory, detail })
  )
  return labels
})

const classesOfFolders = Effect.fnUntraced(function* (directory: string, pictures: ReadonlyArray<ListedFile>) {
  const outside = pictures.find(({ folders }) => folders.length === 0)
  if (outside !== undefined) {
    const detail = `${outside.path} lies in none of the folders that are classes: put it into one, or set dataset.labels to "none"`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  return pictures.map(({ folders: [name = ""] }) => name)
})

const classesOfFile = Effect.fnUntraced(function* (
  file: string,
  pictures: ReadonlyArray<ListedFile>,
  listed: ReadonlyArray<ListedFile>
) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* readBoundedText(fs, file, MAX_LABELS_BYTES).pipe(
    Effect.mapError((cause) =>
      cause._tag === "PlatformError" && cause.reason._tag === "NotFound"
        ? new DatasetError({ reason: "Missing", file, detail: "there is no such file, and dataset.labels asks for it" })
        : new DatasetError({ reason: "Unreadable", file, detail: explain(cause), cause })
    )
  )
  const labels = yield* Effect.mapError(
    Effect.fromResult(parseLabels(text)),
    (detail) => new DatasetError({ reason: "Malformed", file, detail })
  )
  const unlabelled = pictures.find(({ path }) => !labels.has(path))
  if (unlabelled !== undefined) {
    return yield* new DatasetError({ reason: "Mismatch", file, detail: `it has no label for ${unlabelled.path}` })
  }
  const there = new Set(listed.map(({ path }) => path))
  const absent = [...labels.keys()].find((path) => !there.has(path))
  if (absent !== undefined) {
    return yield* new DatasetError({
      reason: "Mismatch",
      file,
      detail: `it names ${absent}, which is not in the folder`
    })
  }
  return pictures.map(({ path }) => labels.get(path) ?? "")
})
