import { randomUUID } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { imageFileFormat } from "../../domain/image/imageFile.ts"
import type { Command } from "../../domain/watch/Command.ts"
import { explain, writeFileAtomically } from "../file/atomicWrite.ts"
import { linkOut } from "../file/linkOut.ts"
import { readBounded, readBoundedText } from "../file/readBounded.ts"
import { commandsName } from "./RunCommands.ts"

/** A file of a run cannot be had, or not be written. */
export class RunFileError extends Schema.TaggedError<RunFileError>()("RunFileError", {
  /** In the run's folder. */
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}`
  }
}

/** What the people who look at a run write of it. */
export const notesName = "notes.txt"

/** Bytes of an image, of notes; commands that wait to be obeyed; images that are named. */
export const [mostImageBytes, mostNotesBytes] = [32 * 2 ** 20, 2 ** 16]
const [mostWaiting, mostListed] = [20, 2000]

/** A run's folder, and the folder that is watched, out of which nothing leads. */
export interface RunPlace {
  readonly root: string
  readonly folder: string
}

/** The path of a file of the run. Fails for one that leads out of what is watched, by its words or by a link. */
const pathWithin = Effect.fnUntraced(function* ({ root, folder }: RunPlace, file: string, through: boolean) {
  const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const parts = file.split("/")
  if (
    parts.some((part) => part === "" || part === "." || part === ".." || /[\\\0]/.test(part) || paths.isAbsolute(part))
  ) {
    return yield* new RunFileError({ file, problem: "is no file of the run" })
  }
  const path = paths.join(folder, ...parts)
  const out = yield* linkOut(fs, paths, root, path, through)
  return out === undefined ? path : yield* new RunFileError({ file, problem: "is no file of the run" })
})

const failing = (file: string) =>
  Effect.mapError((cause: Error) =>
    cause instanceof RunFileError ? cause : new RunFileError({ file, problem: explain(cause) })
  )

/** An image of the run: PNG or WebP by its content, of at most 32 MiB. */
export const readRunImage = Effect.fn("readRunImage")(
  function* (place: RunPlace, file: string) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Effect.flatMap(pathWithin(place, file, true), (whole) => fs.realPath(whole))
    const bytes = yield* readBounded(fs, path, mostImageBytes, { links: "refused" })
    return yield* imageOf(file, bytes)
  },
  (effect, _place, file) => failing(file)(effect)
)

/** A file of a run as an image, if it is one by its content. */
export const imageOf = (file: string, bytes: Uint8Array) =>
  Effect.mapBoth(Effect.fromResult(imageFileFormat(bytes)), {
    onFailure: (problem) => new RunFileError({ file, problem }),
    onSuccess: ({ mediaType }) => ({ bytes, mediaType })
  })

/**
 * Images in the run's folder and in its figures, whether the log names them or not, in the order of their names. What lies in a folder
 * that is a link out of what is watched is not even named.
 */
export const listRunImages = Effect.fnUntraced(function* ({ root, folder }: RunPlace) {
  const [fs, paths] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const namesIn = Effect.fnUntraced(function* (path: string) {
    if ((yield* linkOut(fs, paths, root, path, true)) !== undefined) return []
    return yield* Effect.orElseSucceed(fs.readDirectory(path), (): Array<string> => [])
  })
  const images: Array<string> = []
  const take = (names: ReadonlyArray<string>, below: string): void => {
    for (const name of names.toSorted()) {
      if (images.length < mostListed && /\.(png|webp)$/i.test(name) && !name.startsWith(".")) images.push(below + name)
    }
  }
  take(yield* namesIn(folder), "")
  const figures = yield* namesIn(paths.join(folder, "figures"))
  take(figures, "figures/")
  for (const name of figures.filter((one) => /^(epoch|update)-/.test(one)).toSorted()) {
    if (images.length < mostListed) take(yield* namesIn(paths.join(folder, "figures", name)), `figures/${name}/`)
  }
  return images
})

/** What is wrong with notes of this many bytes, if anything. */
export const notesTooLarge = (bytes: number): string | undefined =>
  bytes > mostNotesBytes ? `these notes have ${bytes} bytes; at most ${mostNotesBytes} are kept` : undefined

/** A run's notes; none yet are the empty text. */
export const readNotes = Effect.fn("readNotes")(
  function* (place: RunPlace) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* pathWithin(place, notesName, true)
    if (!(yield* fs.exists(path))) return ""
    return yield* readBoundedText(fs, path, 4 * mostNotesBytes)
  },
  (effect) => failing(notesName)(effect)
)

/** Keeps notes with the run, of at most 64 KiB, in the place of those before. */
export const writeNotes = Effect.fn("writeNotes")(
  function* (place: RunPlace, text: string) {
    const bytes = new TextEncoder().encode(text)
    const problem = notesTooLarge(bytes.length)
    if (problem !== undefined) return yield* new RunFileError({ file: notesName, problem })
    yield* writeFileAtomically(yield* pathWithin(place, notesName, false), bytes)
  },
  (effect) => failing(notesName)(effect)
)

/** Whether a run looks for commands. */
export const obeysCommands = ({ folder }: RunPlace) =>
  Effect.gen(function* () {
    const [fs, { join }] = [yield* FileSystem.FileSystem, yield* Path.Path]
    const { type } = yield* fs.lstat(join(folder, commandsName))
    return type === "Directory"
  }).pipe(Effect.orElseSucceed(() => false))

/** Puts a command where a run that obeys will find it. Fails if it obeys nobody, or has more to do than it does. */
export const sendCommand = Effect.fn("sendCommand")(
  function* (place: RunPlace, command: Command) {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* obeysCommands(place))) {
      const problem = "the run takes no commands: train with --allow-commands"
      return yield* new RunFileError({ file: commandsName, problem })
    }
    const folder = yield* pathWithin(place, commandsName, true)
    const waiting = yield* fs.readDirectory(folder)
    if (waiting.length >= mostWaiting) {
      const problem = `${waiting.length} commands wait to be obeyed already`
      return yield* new RunFileError({ file: commandsName, problem })
    }
    // By their names in the order in which they were sent.
    const name = `${String(yield* Clock.currentTimeMillis).padStart(15, "0")}-${randomUUID()}.json`
    const path = yield* pathWithin(place, `${commandsName}/${name}`, false)
    yield* writeFileAtomically(path, new TextEncoder().encode(JSON.stringify(command)))
  },
  (effect) => failing(commandsName)(effect)
)
