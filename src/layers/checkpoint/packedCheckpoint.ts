import * as Result from "effect/Result"
import {
  type CheckpointDescription,
  decodeManifest,
  descriptionOf,
  MANIFEST_FORMAT,
  type Manifest,
  type ManifestError,
  openManifest,
  sealManifest,
  TENSORS_FILE
} from "../../domain/checkpoint/Manifest.ts"
import { decodeSafetensors, encodeSafetensors } from "../../domain/checkpoint/safetensors.ts"
import { firstNotFinite } from "../../domain/tensor/notFinite.ts"
import type { NamedTensors } from "../../domain/tensor/TensorData.ts"
import { quotedText } from "../../domain/text/terminalText.ts"
import { sha256 } from "../file/sha256.ts"
import type { Checkpoint, CheckpointReason } from "./CheckpointStore.ts"

/** The name of the manifest's file in a checkpoint's folder. */
export const MANIFEST_FILE = "manifest.json"

/**
 * What a store does about a state that holds NaN or infinite numbers: it neither keeps nor gives it (`refuse`), since nothing can
 * be drawn from it or trained further; or it is made for the states of runs that went wrong (`keep`).
 */
export type OnNotFinite = "refuse" | "keep"

/** A checkpoint as the bytes of its two files. */
export interface PackedCheckpoint {
  readonly manifest: Uint8Array
  readonly tensors: Uint8Array
}

/** A fault in one of the two files. */
export interface PackedFault {
  readonly file: typeof MANIFEST_FILE | typeof TENSORS_FILE
  readonly reason: CheckpointReason
}

/**
 * The two files of a checkpoint. The tensors' file also says in its own metadata what it is, for whoever finds it alone.
 * Fails with what is wrong if the description breaks its schema, such as a metric that is not finite, or if the state is not finite.
 * Throws what `encodeSafetensors` throws.
 */
export const packCheckpoint = (
  checkpoint: Checkpoint,
  onNotFinite: OnNotFinite = "refuse"
): Result.Result<PackedCheckpoint, string> => {
  const wrong = onNotFinite === "keep" ? undefined : firstNotFinite(checkpoint.tensors)
  if (wrong !== undefined)
    return Result.fail(`${quotedText(wrong.path)} holds ${wrong.value}, which is no finite number`)
  const tensors = tensorsFile(checkpoint.tensors, checkpoint.description)
  const content = decodeManifest({
    ...checkpoint.description,
    format: MANIFEST_FORMAT,
    tensors: {
      file: TENSORS_FILE,
      bytes: tensors.length,
      sha256: sha256(tensors),
      count: Object.keys(checkpoint.tensors).length
    }
  })
  return Result.mapBoth(content, {
    onSuccess: (manifest) => ({ manifest: new TextEncoder().encode(sealManifest(manifest, sha256)), tensors }),
    onFailure: (error) => `the description is not valid: ${error.found}`
  })
}

const tensorsFile = (
  tensors: NamedTensors,
  { library, model, update }: Pick<CheckpointDescription, "library" | "model" | "update">
): Uint8Array =>
  encodeSafetensors(tensors, { library: `${library.name} ${library.version}`, model, update: String(update) })

/** The SHA-256 that the manifest of these tensors would give, were they saved under this description. */
export const digestOfTensors = (
  tensors: NamedTensors,
  description: Pick<CheckpointDescription, "library" | "model" | "update">
): string => sha256(tensorsFile(tensors, description))

/**
 * The checkpoint in two files, after all that can be checked has been: the manifest's seal and schema, that it is of
 * the update asked for; size, digest, layout and number of the tensors; and that all their numbers are finite.
 */
export const unpackCheckpoint = (
  update: number,
  packed: PackedCheckpoint,
  onNotFinite: OnNotFinite = "refuse"
): Result.Result<Checkpoint, PackedFault> =>
  Result.flatMap(unpackManifest(update, packed.manifest), (manifest) =>
    unpackTensors(manifest, packed.tensors, onNotFinite)
  )

/** The first half of `unpackCheckpoint`: what the manifest says, once its seal, schema and update are right. */
export const unpackManifest = (update: number, bytes: Uint8Array): Result.Result<Manifest, PackedFault> =>
  Result.flatMap(
    Result.mapError(readManifest(bytes), (reason): PackedFault => ({ file: MANIFEST_FILE, reason })),
    (manifest) =>
      manifest.update === update
        ? Result.succeed(manifest)
        : damaged(MANIFEST_FILE, `update ${update}`, `update ${manifest.update}`)
  )

/** That the tensors' file has the size that the manifest states; for a file that is not read yet. */
export const tensorsFit = (manifest: Manifest, bytes: number): Result.Result<void, PackedFault> =>
  bytes === manifest.tensors.bytes
    ? Result.succeed(undefined)
    : damaged(TENSORS_FILE, `${manifest.tensors.bytes} bytes`, `${bytes}`)

/** The second half of `unpackCheckpoint`: the tensors that a sound manifest speaks of. */
export const unpackTensors = (
  manifest: Manifest,
  bytes: Uint8Array,
  onNotFinite: OnNotFinite
): Result.Result<Checkpoint, PackedFault> =>
  Result.gen(function* () {
    yield* tensorsFit(manifest, bytes.length)
    const { count, sha256: expected } = manifest.tensors
    const digest = sha256(bytes)
    if (digest !== expected) return yield* damaged(TENSORS_FILE, `SHA-256 ${expected}`, digest)
    const { tensors } = yield* Result.mapError(
      decodeSafetensors(bytes),
      (error): PackedFault => ({ file: TENSORS_FILE, reason: flaw("a safetensors file", error.message) })
    )
    const found = Object.keys(tensors).length
    if (found !== count) return yield* damaged(TENSORS_FILE, `${count} tensors`, `${found}`)
    const wrong = onNotFinite === "keep" ? undefined : firstNotFinite(tensors)
    if (wrong !== undefined) {
      const reason: CheckpointReason = { _tag: "NotFinite", tensor: wrong.path, value: String(wrong.value) }
      return yield* Result.fail<PackedFault>({ file: TENSORS_FILE, reason })
    }
    return { description: descriptionOf(manifest), tensors }
  })

/** The content of a manifest's file, once its seal and schema have been checked; or what is wrong with it. */
export const readManifest = (bytes: Uint8Array) => {
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return Result.fail(flaw("UTF-8 text", "other bytes"))
  }
  return Result.mapError(openManifest(text, sha256), ({ reason, expected, found }: ManifestError): CheckpointReason => {
    // Behind a valid seal, a broken schema means a writer with other ideas, not a damaged disk.
    return reason === "Damaged" ? flaw(expected, found) : { _tag: "Incompatible", expected, found }
  })
}

const flaw = (expected: string, found: string): CheckpointReason => ({ _tag: "Damaged", expected, found })

const damaged = (file: PackedFault["file"], expected: string, found: string): Result.Result<never, PackedFault> =>
  Result.fail({ file, reason: flaw(expected, found) })
