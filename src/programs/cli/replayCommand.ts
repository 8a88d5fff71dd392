import { Argument, Command, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { descriptionOf, TENSORS_FILE } from "../../domain/checkpoint/Manifest.ts"
import { decodeRunDescription } from "../../domain/experiment/RunDescription.ts"
import { terminalTable } from "../../domain/text/terminalText.ts"
import { CheckpointError } from "../../layers/checkpoint/CheckpointStore.ts"
import { MAX_MANIFEST_BYTES } from "../../layers/checkpoint/checkpointFolder.ts"
import { layerFileSystem } from "../../layers/checkpoint/fileSystem.ts"
import { layerMilestones } from "../../layers/checkpoint/Milestones.ts"
import { MANIFEST_FILE, readManifest } from "../../layers/checkpoint/packedCheckpoint.ts"
import { explain } from "../../layers/file/atomicWrite.ts"
import { readBounded } from "../../layers/file/readBounded.ts"
import { type CheckpointName, chosenCheckpoint } from "../checkpoint/chosenCheckpoint.ts"
import { runFolder } from "../checkpoint/RunFolder.ts"
import { type RunRecord, recordOfManifest, recordOfRun } from "../replay/RunRecord.ts"
import { type Replayed, replayRun } from "../replay/replayRun.ts"
import { backendFlag, backendOf } from "./backendFlag.ts"
import { choiceFlags } from "./checkpointFlags.ts"
import { datasetDescription } from "./datasetChoice.ts"
import { announce, jsonFlag, printReport, wholeNumber } from "./flags.ts"
import { recordedDataLayer } from "./layers.ts"
import { filePath, pathArgument } from "./paths.ts"
import { asUserError } from "./userError.ts"

/** `fovea replay`: whether a run comes out again as it was recorded. */
export const replayCommand = Command.make(
  "replay",
  {
    record: pathArgument("run").pipe(
      Argument.withDescription("folder of a run, one of its checkpoints or milestones, or a manifest.json alone")
    ),
    updates: wholeNumber("updates", 1).pipe(
      Flag.withDescription("how many updates to compute again (default: 100)"),
      Flag.withDefault(100)
    ),
    // A template: the test of the architecture takes the word before a quotation mark for a statement.
    from: wholeNumber(`from`, 0).pipe(
      Flag.withDescription("begin with the checkpoint of this update (default: 0, the beginning)"),
      Flag.withDefault(0)
    ),
    dataset: filePath("dataset").pipe(
      Flag.withDescription(`${datasetDescription("where the run had its data")}; they must be the run's`),
      Flag.optional
    ),
    json: jsonFlag,
    ...choiceFlags,
    backend: backendFlag
  },
  ({ record: given, updates, from, update, epoch, dataset, json, onDamage, backend }) =>
    Effect.gen(function* () {
      const engine = yield* backendOf(backend)
      const chosen = yield* recordedIn({ path: given, update, epoch, field: "run" })
      const folder = runFolder(chosen.run)
      const stores = Layer.merge(
        layerFileSystem({ directory: "directory" in chosen ? chosen.directory : folder.checkpoints, onDamage }),
        layerMilestones({ directory: folder.milestones })
      )
      yield* announce(json, `Computing ${updates === 1 ? "1 update" : `${updates} updates`} of ${given} again`)
      yield* Effect.gen(function* () {
        const record = "directory" in chosen ? yield* recordOfRun(folder.log) : yield* manifestRecord(chosen.manifest)
        const { settings } = yield* Effect.fromResult(decodeRunDescription(record.description.settings))
        const replayed = yield* Effect.provide(
          replayRun(record, { updates, from }),
          Layer.merge(engine, recordedDataLayer(settings.dataset, dataset))
        )
        const { name, seed } = settings
        yield* printReport(json, { name, seed, ...replayed }, linesOf(replayed, `${name}, seed ${seed}`))
      }).pipe(Effect.provide(stores))
    }).pipe(asUserError)
).pipe(Command.withDescription("Compute a part of a run again, and compare it bit for bit with what was recorded."))

/** The run's checkpoints, or the manifest of the one that is named. A manifest may lie alone, under any name: it has the digests. */
const recordedIn = Effect.fnUntraced(function* (name: CheckpointName) {
  const fs = yield* FileSystem.FileSystem
  const { basename, dirname, join, resolve } = yield* Path.Path
  const info = yield* Effect.option(fs.stat(name.path))
  if (Option.exists(info, ({ type }) => type !== "Directory") && basename(name.path) !== TENSORS_FILE) {
    return { run: dirname(dirname(dirname(resolve(name.path)))), manifest: name.path }
  }
  const chosen = yield* chosenCheckpoint(name)
  // All of a run's milestones are its record as much as its checkpoints are: who names them names the run.
  if (chosen.kind === "newest") {
    return basename(chosen.directory) === "milestones"
      ? { ...chosen, directory: runFolder(chosen.run).checkpoints }
      : chosen
  }
  return { run: chosen.run, manifest: join(chosen.folder, MANIFEST_FILE) }
})

const manifestRecord = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<RunRecord, CheckpointError, FileSystem.FileSystem> {
  const fs = yield* FileSystem.FileSystem
  const bytes = yield* Effect.mapError(
    readBounded(fs, path, MAX_MANIFEST_BYTES),
    (error) => new CheckpointError({ path, reason: { _tag: "Unreadable", detail: explain(error) } })
  )
  const manifest = yield* Effect.mapError(
    Effect.fromResult(readManifest(bytes)),
    (reason) => new CheckpointError({ path, reason })
  )
  return recordOfManifest(manifest, descriptionOf(manifest), path)
})

const linesOf = ({ first, last, metrics, states, differences }: Replayed, run: string): string =>
  terminalTable([
    `Updates ${first} to ${last} of ${run}: ${metrics} records of metrics and ${states} states are the same to the bit.`,
    ...differences.map((difference) => `Not the same here: ${difference}.`)
  ])
