import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type { ImageSet } from "../../domain/data/Images.ts"

/**
 * The data cannot be had. `file` is the path or folder in question, `detail` says what was expected, what came and
 * what to do.
 *
 * - `NotInstalled`: the package that brings the data is not installed
 * - `Missing`: there is no such file or folder
 * - `Unreadable`: the operating system refuses to read it
 * - `Malformed`: not an IDX file, cut short, damaged compression, or of sizes beyond bounds
 * - `Altered`: the SHA-256 is not the expected one
 * - `Mismatch`: files that are sound but do not belong together, a split that they are too small for, or settings out of range
 */
export class DatasetError extends Schema.TaggedError<DatasetError>()("DatasetError", {
  reason: Schema.Literals(["NotInstalled", "Missing", "Unreadable", "Malformed", "Altered", "Mismatch"]),
  file: Schema.String,
  detail: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message() {
    return `${this.file}: ${this.detail}`
  }
}

/**
 * The images to learn from, in memory, and where they come from. The paper trains on `training`, widths of Parzen
 * windows are chosen on `validation`, results are stated on `test`. All three have the same channels, rows and
 * columns.
 */
export class Dataset extends Context.Service<
  Dataset,
  {
    /** Such as `mnist`; it is in checkpoints and logs. */
    readonly name: string
    /** SHA-256, in hexadecimal, of each source by file name: of the bytes on the disk, compressed or not. */
    readonly digests: Readonly<Record<string, string>>
    readonly training: ImageSet
    /** May be empty. */
    readonly validation: ImageSet
    readonly test: ImageSet
  }
>()("fovea/layers/Dataset") {}
