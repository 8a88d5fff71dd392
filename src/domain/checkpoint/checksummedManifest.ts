import * as Result from "effect/Result"
import { type DigestOfText, openSealedJson, sealJson } from "../json/checksummedJson.ts"
import { decodeManifest, type Manifest, ManifestError } from "./Manifest.ts"

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
