import type * as Effect from "effect/Effect"
import type { Command } from "../../domain/watch/Command.ts"
import type { FollowedLog } from "./followLog.ts"
import type { RunFileError } from "./runFiles.ts"

/** An image's bytes, and what they are: `image/png` or `image/webp`. */
export interface RunImage {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/** A run where it is kept. */
export interface SourcedRun {
  readonly log: FollowedLog
  /** Reads into `log` what there is since it was last read, or of a new one its ends. */
  readonly glance: Effect.Effect<void, Error>
  /** The same, of the whole log with its course. */
  readonly readWhole: Effect.Effect<void, Error>
  /** Whether somebody trains it now, and obeys commands. */
  readonly standing: Effect.Effect<{ readonly held: boolean; readonly obeys: boolean }>
  /** The paths of its images in the run, as `image` takes them. */
  readonly images: Effect.Effect<ReadonlyArray<string>, RunFileError>
  readonly image: (file: string) => Effect.Effect<RunImage, RunFileError>
  /** Empty if there are none. */
  readonly notes: Effect.Effect<string, RunFileError>
  readonly saveNotes: (text: string) => Effect.Effect<void, RunFileError>
  readonly command: (command: Command) => Effect.Effect<void, RunFileError>
}

/** Where runs are kept: a folder, or the database of a queue. */
export interface RunSource {
  /** The runs that are there now, by their ids. */
  readonly find: Effect.Effect<
    {
      readonly runs: ReadonlyArray<{ readonly id: string; readonly open: () => SourcedRun }>
      /** Whether there are more than are followed. */
      readonly more: boolean
    },
    Error
  >
}
