import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { SettingsError } from "../../domain/experiment/ExperimentSettings.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import type { CheckpointError, CheckpointStore } from "../../layers/checkpoint/CheckpointStore.ts"
import { folderName, REPLACED, updatesIn } from "../../layers/checkpoint/checkpointFolder.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import type { OnDamage } from "../../layers/checkpoint/newest.ts"
import { type CheckpointPlace, layerOneCheckpoint } from "../../layers/checkpoint/oneCheckpoint.ts"
import { MANIFEST_FILE } from "../../layers/checkpoint/packedCheckpoint.ts"
import { readJsonLines } from "../../layers/log/readJsonLines.ts"
import { type CheckpointsFound, checkpointsIn, type HeldCheckpoints } from "./checkpointsIn.ts"
import { runFolder } from "./RunFolder.ts"

/** How a user names a checkpoint. */
export interface CheckpointName {
  /**
   * A run's folder, or its `checkpoints`, `milestones` or `diverged`; the folder of one checkpoint, whatever it is called; or
   * one of the two files in it.
   */
  readonly path: string
  /** Which of several; the newest if neither is given. */
  readonly update: Option.Option<number>
  readonly epoch: Option.Option<number>
  /** The flag or argument that the path was given by, for messages. */
  readonly field: string
}

/** The checkpoint that is meant, and the folder of its run, if it lies in one. */
export type ChosenCheckpoint = { readonly run: string } & (
  | { readonly kind: "newest"; readonly directory: string }
  | ({ readonly kind: "one" } & CheckpointPlace)
)

/** The store whose `latest` is the chosen checkpoint; for who only reads. */
export const layerChosen = (
  chosen: ChosenCheckpoint,
  onDamage: OnDamage
): Layer.Layer<CheckpointStore, CheckpointError, FileSystem.FileSystem | Path.Path> =>
  chosen.kind === "one" ? layerOneCheckpoint(chosen) : layerFileSystem({ directory: chosen.directory, onDamage })

/**
 * Finds the checkpoint that a user names; its tensors are not opened yet. Fails with a `SettingsError` that says what was found
 * instead and of which updates there are checkpoints, and with a `CheckpointError` if a manifest that has to be asked is damaged.
 */
export const chosenCheckpoint = Effect.fn("chosenCheckpoint")(function* (
  name: CheckpointName
): Effect.fn.Return<ChosenCheckpoint, SettingsError | CheckpointError, FileSystem.FileSystem | Path.Path> {
  const failed = (problem: string) => new SettingsError({ field: name.field, problem })
  const folder = yield* folderOf(name)
  const found = yield* checkpointsIn(folder)
  if (found.kind === "none") return yield* failed(`there is no checkpoint in ${folder}: ${contentOf(found.names)}`)
  if (found.kind === "runs") {
    const { runs } = found
    const count = runs.length === 1 ? "a run" : `${runs.length} runs`
    return yield* failed(`${folder} is no run, but holds ${count}: name ${someOf(runs).join(" or ")}`)
  }
  const { run } = found
  const update = yield* updateOf(name, run)
  if (Option.isSome(update)) {
    const place = yield* placeOf(found, update.value)
    if (place !== undefined) return { kind: "one", ...place, run }
    const asked = Option.match(name.epoch, {
      onNone: () => `update ${update.value}`,
      onSome: (epoch) => `epoch ${epoch} (update ${update.value})`
    })
    return yield* failed(
      found.kind === "one"
        ? `${folder} is the checkpoint of update ${found.update}, not of ${asked}`
        : `${folder} holds no checkpoint of ${asked}, but ${inventory(found.stores)}`
    )
  }
  if (found.kind === "one") return found
  const newest = found.stores.find(({ part = "checkpoints" }) => part === "checkpoints")
  if (newest !== undefined) return { kind: "newest", directory: newest.directory, run }
  return yield* failed(`${folder} has no checkpoint to go on from, but ${inventory(found.stores)}: name one of them`)
})

/** The folder to look into: the one given, or that of the file given, which must be one of a checkpoint's two. */
const folderOf = Effect.fnUntraced(function* ({ path, field }: CheckpointName) {
  const fs = yield* FileSystem.FileSystem
  const { basename, dirname } = yield* Path.Path
  const failed = (problem: string) => new SettingsError({ field, problem })
  const info = yield* Effect.option(fs.stat(path))
  if (Option.isNone(info)) {
    const nearby = updatesIn(yield* Effect.orElseSucceed(fs.readDirectory(dirname(path)), () => []))
    const others = nearby.length === 0 ? "" : `; ${dirname(path)} holds checkpoints ${ofUpdates(nearby)}`
    return yield* failed(`there is no file or folder ${path}${others}`)
  }
  if (info.value.type === "Directory") return path
  if ([MANIFEST_FILE, TENSORS_FILE].includes(basename(path))) return dirname(path)
  const way = path.endsWith(".safetensors")
    ? "Tensors alone do not say of what model they are; fovea import makes a checkpoint of them"
    : whatIsTaken
  return yield* failed(`${path} is no file of a checkpoint. ${way}`)
})

/** The update asked for; that of an epoch by the run's log. */
const updateOf = Effect.fnUntraced(function* ({ update, epoch }: CheckpointName, run: string) {
  if (Option.isNone(epoch)) return update
  const failed = (problem: string) => new SettingsError({ field: "--epoch", problem })
  if (Option.isSome(update)) return yield* failed("contradicts --update: give one of the two")
  if (epoch.value === 0) return Option.some(0)
  const { log } = runFolder(run)
  const { records } = yield* readJsonLines(log).pipe(
    Effect.mapError(({ reason }) =>
      failed(
        `only a run's log tells how many updates an epoch takes, and ${log} cannot be read (${reason}): give --update`
      )
    )
  )
  for (const { event } of records) {
    if (event._tag === "Progress" && event.epoch > 0)
      return Option.some(Math.round((epoch.value * event.update) / event.epoch))
  }
  return yield* failed(`only a run's log tells how many updates an epoch takes, and ${log} does not yet: give --update`)
})

/** Where the checkpoint of an update lies. One of states that went wrong is only taken from a folder that is named itself. */
const placeOf = Effect.fnUntraced(function* (
  found: Extract<CheckpointsFound, { readonly kind: "one" | "several" }>,
  update: number
) {
  if (found.kind === "one") return found.update === update ? found : undefined
  const { join } = yield* Path.Path
  const store = found.stores.find(({ part, updates }) => part !== "diverged" && updates.includes(update))
  if (store === undefined) return undefined
  const fs = yield* FileSystem.FileSystem
  const folder = join(store.directory, folderName(update))
  const inPlace = yield* Effect.orElseSucceed(fs.exists(folder), () => true)
  return { folder: inPlace ? folder : folder + REPLACED, update }
})

const whatIsTaken = `What is taken: the folder of a run, its checkpoints or milestones, one of these, or the ${MANIFEST_FILE} or ${TENSORS_FILE} in one`

const contentOf = (names: ReadonlyArray<string>): string => {
  if (names.length === 0) return "it is empty. Train a model first, or name the folder of a run"
  return `it holds ${someOf(names.map((name) => quotedText(name, 60))).join(", ")}. ${whatIsTaken}`
}

const inventory = (stores: ReadonlyArray<HeldCheckpoints>): string =>
  stores.map(({ part = "those", updates }) => `${part} ${ofUpdates(updates)}`).join(", ")

const ofUpdates = (updates: ReadonlyArray<number>): string =>
  updates.length === 1 ? `of update ${updates[0]}` : `of updates ${someOf(updates.map(String)).join(", ")}`

/** The first and the last of many. */
const someOf = (all: ReadonlyArray<string>): ReadonlyArray<string> =>
  all.length <= 20 ? all : [...all.slice(0, 10), "..", ...all.slice(-9)]
