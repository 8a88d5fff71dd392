import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import { classLabels } from "../../../domain/data/classLabels.ts"
import { LABELS_FILE, parseLabels } from "../../../domain/data/labelsFile.ts"
import { likeness, namedAmong, spelledOut } from "../../../domain/text/fileNames.ts"
import { explain } from "../../file/atomicWrite.ts"
import { readText } from "../../file/readBounded.ts"
import { DatasetError } from "../Dataset.ts"
import { nameInFolder, namesIn } from "../dataFile.ts"
import { isLabelsFile, type ListedFile } from "./listImages.ts"

const MAX_LABELS_BYTES = 64_000_000

/**
 * The labels of the `images` of a folder, `[count]`, or `undefined` where they have none: from `labels.csv`, which must
 * name every one of them and nothing that was not `listed`, or by the folder that each lies in (below that of its split).
 * Fails with a `DatasetError` for a labels.csv that is not one or does not fit, images outside of the classes' folders, classes
 * that only a test or validation folder has, or more than 256 classes.
 */
export const labelImages = Effect.fn("Dataset.labelImages")(function* (
  directory: string,
  images: ReadonlyArray<ListedFile>,
  listed: ReadonlyArray<ListedFile>,
  wanted: "folders" | "file" | "none" | undefined
): Effect.fn.Return<Uint8Array | undefined, DatasetError, FileSystem.FileSystem> {
  const names = yield* namesIn(directory)
  const found = yield* nameInFolder(directory, names, LABELS_FILE)
  const [file, hasFile] = [join(directory, found ?? LABELS_FILE), found !== undefined]
  if (wanted === undefined || wanted === "file") yield* requireNoOtherLabels(directory, names, images)
  const hasFolders = images.some(({ folders }) => folders.length > 0)
  const source = wanted ?? (hasFile ? "file" : hasFolders ? "folders" : "none")
  if (source === "none") return undefined
  const classes =
    source === "file" ? yield* classesOfFile(file, images, listed) : yield* classesOfFolders(directory, images)
  const known = new Set(images.flatMap(({ split }, n) => (split === "all" || split === "train" ? [classes[n]] : [])))
  const unknown = classes.findIndex((name) => !known.has(name))
  if (unknown >= 0) {
    const name = classes[unknown] ?? ""
    const near = [...known].find((each) => each !== undefined && likeness(each) === likeness(name))
    const hint = near === undefined ? "" : `, but of ${spelledOut(near)}`
    const detail = `${images[unknown]?.path} is of the class ${spelledOut(name)}, of which there are no training images${hint}`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  const { labels } = yield* Effect.mapError(
    Effect.fromResult(classLabels(classes)),
    (detail) => new DatasetError({ reason: "Mismatch", file: directory, detail })
  )
  return labels
})

const classesOfFolders = Effect.fnUntraced(function* (directory: string, images: ReadonlyArray<ListedFile>) {
  const outside = images.find(({ folders }) => folders.length === 0)
  if (outside !== undefined) {
    const detail = `${outside.path} lies in none of the folders that are classes: put it into one, or set dataset.labels to "none"`
    return yield* new DatasetError({ reason: "Mismatch", file: directory, detail })
  }
  return images.map(({ folders: [name = ""] }) => name.normalize("NFC"))
})

const classesOfFile = Effect.fnUntraced(function* (
  file: string,
  images: ReadonlyArray<ListedFile>,
  listed: ReadonlyArray<ListedFile>
) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* readText(fs, file, MAX_LABELS_BYTES).pipe(
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
  const mismatch = (detail: string) => new DatasetError({ reason: "Mismatch", file, detail })
  const named = namedAmong(listed.map(({ path }) => path))
  const labelOf = new Map<string, string>()
  const absent: Array<string> = []
  for (const [name, label] of labels) {
    const found = yield* Effect.mapError(Effect.fromResult(named(name)), (paths) =>
      mismatch(
        `it names ${spelledOut(name)}, which may be ${paths.map(spelledOut).join(" or ")}: their names look the same; rename one of them`
      )
    )
    if (found === undefined) absent.push(name)
    else if (labelOf.has(found))
      return yield* mismatch(`it names ${spelledOut(found)} twice, once as ${spelledOut(name)}`)
    else labelOf.set(found, label)
  }
  const nearest = (name: string, among: ReadonlyArray<string>) =>
    among.find((each) => likeness(each) === likeness(name))
  const unlabelled = images.find(({ path }) => !labelOf.has(path))
  if (unlabelled !== undefined) {
    const near = nearest(unlabelled.path, absent)
    const hint = near === undefined ? "" : `; it names ${spelledOut(near)}, which is spelled differently`
    return yield* mismatch(`it has no label for ${spelledOut(unlabelled.path)}${hint}`)
  }
  const [first] = absent
  if (first !== undefined) return yield* mismatch(`it names ${spelledOut(first)}, which is not in the folder`)
  return images.map(({ path }) => labelOf.get(path) ?? "")
})

/** Names that are nearly `labels.csv`, for files of tables; and a file of this name next to images further down. */
const nearlyLabels = /^labels?\.(csv|tsv|txt)$/i

/** Nothing that looks as if it told classes is passed over without a word. */
const requireNoOtherLabels = Effect.fnUntraced(function* (
  directory: string,
  names: ReadonlyArray<string>,
  images: ReadonlyArray<ListedFile>
) {
  const near = names.find((name) => nearlyLabels.test(name) && !isLabelsFile(name))
  const refused = (path: string, detail: string) =>
    new DatasetError({ reason: "Mismatch", file: join(directory, path), detail })
  if (near !== undefined) {
    return yield* refused(
      near,
      `classes are read from ${LABELS_FILE}: rename it, or set dataset.labels to "folders" or "none"`
    )
  }
  for (const folder of new Set(images.map(({ path }) => path.slice(0, Math.max(path.lastIndexOf("/"), 0))))) {
    if (folder === "") continue
    const inner = (yield* namesIn(join(directory, folder))).find(isLabelsFile)
    if (inner === undefined) continue
    const detail = `a ${LABELS_FILE} is read only from the data set's own folder, with paths such as ${folder}/NAME: put it there, or set dataset.labels to "folders" or "none"`
    return yield* refused(`${folder}/${inner}`, detail)
  }
})
