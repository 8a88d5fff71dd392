import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type DigestOfText, openSealedJson, sealJson } from "../json/checksummedJson.ts"

/** The layout of a checkpoint that this version writes and reads. */
export const MANIFEST_FORMAT = 1

/** The name of the tensors' file beside the manifest. */
export const TENSORS_FILE = "tensors.safetensors"

const NaturalNumber = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "64 hexadecimal digits" }))

/** ISO 8601 in UTC, as `Date.prototype.toISOString` writes it. */
const IsoInstant = Schema.String.check(
  Schema.makeFilter((text) =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) && !Number.isNaN(Date.parse(text))
      ? undefined
      : "expected a UTC time like 2026-01-31T12:00:00.000Z"
  )
)

/** What a state was computed with, as far as it may decide the last bits. */
export const Environment = Schema.Struct({
  /** Version of Node. */
  node: Schema.String,
  /** Operating system and architecture: `linux x64`. */
  platform: Schema.String,
  processor: Schema.String,
  /** Package and version of the backend's engine, where it has one. */
  engine: Schema.optionalKey(Schema.String),
  shards: NaturalNumber,
  /** Threads that the engine computes on, where it is known. */
  threads: Schema.optionalKey(NaturalNumber)
})
/** See the schema of the same name. */
export type Environment = (typeof Environment)["Type"]

const descriptionFields = {
  /** Who wrote the checkpoint. */
  library: Schema.Struct({ name: Schema.String, version: Schema.String }),
  /** Name of the model whose parameters these are. */
  model: Schema.String,
  /** Number of training updates done. */
  update: NaturalNumber,
  /** Seed of all random numbers of the run. */
  seed: Schema.Int,
  /** The experiment's settings; the program that wrote them decodes them. */
  settings: Schema.Json,
  /** Name of the tensor backend that computed the state. */
  backend: Schema.String,
  /** What else it was computed with. Checkpoints of version 0.1.0 have none. */
  environment: Schema.optionalKey(Environment),
  /** The training data: its name, and a digest of each of its files. */
  dataset: Schema.Struct({ name: Schema.String, digests: Schema.Record(Schema.String, Schema.String) }),
  /** The last measured values, by name. */
  metrics: Schema.Record(Schema.String, Schema.Finite),
  createdAt: IsoInstant
}

/** What a training program says about a checkpoint: the manifest without the facts the store adds itself. */
export const CheckpointDescription = Schema.Struct(descriptionFields)
/** See the schema of the same name. */
export type CheckpointDescription = (typeof CheckpointDescription)["Type"]

/** What is in a checkpoint's `manifest.json`, apart from the seal that protects its text (`sealedManifest.ts`). */
export const Manifest = Schema.Struct({
  format: Schema.Literal(MANIFEST_FORMAT),
  ...descriptionFields,
  /** The tensors' file: its name beside the manifest, size in bytes, SHA-256 digest, and number of tensors. */
  tensors: Schema.Struct({
    file: Schema.Literal(TENSORS_FILE),
    bytes: NaturalNumber,
    sha256: Sha256,
    count: NaturalNumber
  })
})
/** See the schema of the same name. */
export type Manifest = (typeof Manifest)["Type"]

/**
 * A manifest that cannot be used. `Damaged`: the text is not what was written. `Incompatible`: it is intact, but of
 * another format. `Invalid`: the values break the schema.
 */
export class ManifestError extends Schema.TaggedError<ManifestError>()("ManifestError", {
  reason: Schema.Literals(["Damaged", "Incompatible", "Invalid"]),
  expected: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `${this.reason} manifest: expected ${this.expected}, found ${this.found}`
  }
}

const decode = Schema.decodeUnknownResult(Manifest, { errors: "all", onExcessProperty: "error" })

/** Checks a manifest's content; the error lists every fault with its path. A format other than 1 is `Incompatible`. */
export const decodeManifest = (content: unknown): Result.Result<Manifest, ManifestError> => {
  if (typeof content === "object" && content !== null && "format" in content && content.format !== MANIFEST_FORMAT) {
    const found = `format ${JSON.stringify(content.format)}`
    return Result.fail(new ManifestError({ reason: "Incompatible", expected: `format ${MANIFEST_FORMAT}`, found }))
  }
  return Result.mapError(
    decode(content),
    (error) => new ManifestError({ reason: "Invalid", expected: "a checkpoint manifest", found: error.message })
  )
}

/** The part of a manifest that the training program gave. */
export const descriptionOf = ({
  format: _format,
  tensors: _tensors,
  ...description
}: Manifest): CheckpointDescription => description

/** The text of a `manifest.json` (see `sealJson`). */
export const sealManifest = (manifest: Manifest, digestOf: DigestOfText): string => sealJson(manifest, digestOf)

/**
 * Reads what `sealManifest` wrote. The seal is checked before anything else is believed, so a text that passes it but
 * has another `format` really is from another version (`Incompatible`) and not damaged.
 */
export const openManifest = (text: string, digestOf: DigestOfText): Result.Result<Manifest, ManifestError> =>
  openSealedJson(text, digestOf).pipe(
    Result.mapError((broken) => new ManifestError({ reason: "Damaged", ...broken })),
    Result.flatMap(decodeManifest)
  )
