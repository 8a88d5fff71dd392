import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { CHECKPOINT_FOLDER, readCheckpointFolder } from "../../layers/checkpoint/checkpointFolder.ts"
import { MANIFEST_FILE } from "../../layers/checkpoint/packedCheckpoint.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import type { FileReport } from "./FileState.ts"
import { checkFile } from "./fileChecks.ts"
import { type FoundCheckpoint, strangersAmong } from "./strangersAmong.ts"

/** A folder cannot be verified. */
export class VerifyError extends Schema.TaggedError<VerifyError>()("VerifyError", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder} cannot be verified: ${this.problem}`
  }
}

const ID = "[\\da-f]{8}(-[\\da-f]{4}){3}-[\\da-f]{12}"

/** The names, and no others, that are left over of a write or removal, or are set aside: of files, and of folders. */
const LEFT_OVER_FILE = new RegExp(`^\\..+\\.${ID}\\.tmp$`)
const LEFT_OVER_FOLDER = new RegExp(`^\\.saving-update-\\d{8,}-${ID}$|^\\.removing-${ID}$|^update-\\d{8,}\\.damaged$`)

/** What a name holds in the place of bytes that are not UTF-8: such a file cannot be opened by the name. */
const REPLACEMENT = "\ufffd"

const isNotFound = ({ reason }: PlatformError): boolean => reason._tag === "NotFound"

/**
 * The state of every file below a folder, in the order of their paths: of a run, a reproduction of several, a classifier, a
 * data set, or anything around them. Nothing is written, links are not followed, and a folder that cannot be read is reported.
 * Fails with a `VerifyError` only if the folder itself cannot be listed.
 */
export const verifyFolder = Effect.fn("verifyFolder")(function* (
  folder: string
): Effect.fn.Return<ReadonlyArray<FileReport>, VerifyError, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  const refused = (problem: string) => new VerifyError({ folder, problem })
  const { type } = yield* Effect.mapError(fs.stat(folder), (error) =>
    refused(isNotFound(error) ? "there is no such folder" : explain(error))
  )
  if (type !== "Directory") return yield* refused("it is not a folder")

  const walk = Effect.fnUntraced(function* (
    below: string
  ): Effect.fn.Return<ReadonlyArray<FileReport>, never, FileSystem.FileSystem | Path.Path> {
    const listed = yield* Effect.result(fs.readDirectory(join(folder, below)))
    if (Result.isFailure(listed)) return [{ path: below, state: "damaged", note: explain(listed.failure) }]
    const reports = yield* Effect.forEach([...listed.success].sort(), (name) => visit(below, name))
    return yield* comparedWithCheckpoints(below, reports.flat())
  })

  const visit = Effect.fnUntraced(function* (
    below: string,
    name: string
  ): Effect.fn.Return<ReadonlyArray<FileReport>, never, FileSystem.FileSystem | Path.Path> {
    const path = below === "" ? name : `${below}/${name}`
    const whole = join(folder, path)
    if (yield* Effect.isSuccess(fs.readLink(whole))) return [{ path, state: "not checked", note: "a link" }]
    const info = yield* Effect.result(fs.stat(whole))
    if (Result.isFailure(info)) {
      return isNotFound(info.failure) && name.includes(REPLACEMENT)
        ? [{ path, state: "not checked", note: "its name is not UTF-8, so that it cannot be opened: rename it" }]
        : [{ path, state: "damaged", note: explain(info.failure) }]
    }
    const isFolder = info.success.type === "Directory"
    if ((isFolder ? LEFT_OVER_FOLDER : LEFT_OVER_FILE).test(name)) {
      return [{ path, state: "left over", note: "nothing reads it" }]
    }
    if (!isFolder) return [{ path, ...(yield* checkFile(whole)) }]
    const update = Number(CHECKPOINT_FOLDER.exec(name)?.[1])
    return Number.isSafeInteger(update) ? yield* checkpoint(path, update) : yield* walk(path)
  })

  const found: Array<FoundCheckpoint> = []

  /** The files of a checkpoint, which vouch for one another, and whatever else is in its folder. */
  const checkpoint = Effect.fnUntraced(function* (path: string, update: number) {
    const loaded = yield* Effect.result(readCheckpointFolder(fs, join, join(folder, path), update))
    const names = yield* Effect.orElseSucceed(fs.readDirectory(join(folder, path)), () => [])
    if (Result.isSuccess(loaded)) found.push({ path, description: loaded.success.description })
    const all = [...new Set([MANIFEST_FILE, TENSORS_FILE, ...names])].sort()
    return all.map((name): FileReport => {
      const file = `${path}/${name}`
      if (name !== MANIFEST_FILE && name !== TENSORS_FILE) return { path: file, state: "not checked", note: "not ours" }
      if (Result.isSuccess(loaded)) return { path: file, state: "intact", note: `checkpoint of update ${update}` }
      const { path: at, message } = loaded.failure
      if (at === join(folder, file)) return { path: file, state: "damaged", note: message }
      if (name === MANIFEST_FILE) return { path: file, state: "intact", note: `checkpoint of update ${update}` }
      return { path: file, state: "not checked", note: "its manifest is damaged" }
    })
  })

  /** A log that ends before the newest checkpoint was cut at the end of a line, where no checksum shows it. */
  const comparedWithCheckpoints = Effect.fnUntraced(function* (below: string, reports: ReadonlyArray<FileReport>) {
    const log = below === "" ? "log.jsonl" : `${below}/log.jsonl`
    const checkpoints = below === "" ? "checkpoints/update-" : `${below}/checkpoints/update-`
    const saved = reports.flatMap(({ path, state }) =>
      path.startsWith(checkpoints) && state === "intact" ? [Number.parseInt(path.slice(checkpoints.length), 10)] : []
    )
    const newest = Math.max(0, ...saved.filter(Number.isSafeInteger))
    return yield* Effect.forEach(reports, (report) =>
      Effect.gen(function* () {
        if (report.path !== log || report.state !== "intact") return report
        const { records } = yield* readJsonLines(join(folder, log))
        const logged = Math.max(0, ...records.map(({ event }) => event.update))
        if (logged >= newest) return report
        const cut: FileReport = {
          path: log,
          state: "damaged",
          note: `it ends at update ${logged}, but there is a checkpoint of update ${newest}`
        }
        return cut
      }).pipe(Effect.orElseSucceed(() => report))
    )
  })

  const reports = yield* walk("")
  const strangers = strangersAmong(found)
  return reports.map((report): FileReport => {
    const note = report.path.endsWith(`/${MANIFEST_FILE}`)
      ? strangers.get(report.path.slice(0, -MANIFEST_FILE.length - 1))
      : undefined
    return note === undefined ? report : { ...report, state: "damaged", note }
  })
})
