import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeSafetensors } from "../../../src/domain/checkpoint/safetensors.ts"
import { sealJson } from "../../../src/domain/json/checksummedJson.ts"
import {
  digestOfTensors,
  type PackedCheckpoint,
  packCheckpoint,
  unpackCheckpoint
} from "../../../src/layers/checkpoint/packedCheckpoint.ts"
import { sha256 } from "../../../src/layers/file/sha256.ts"
import { checkpointOf } from "./checkpointContract.ts"

const checkpoint = checkpointOf(500)
const packed = Result.getOrThrow(packCheckpoint(checkpoint))

/** What is said of the two files once some fields of the manifest are others, behind a seal that is right. */
const faultOf = (changes: object, files: Partial<PackedCheckpoint> = {}) => {
  const { seal: _, ...content } = JSON.parse(new TextDecoder().decode(packed.manifest))
  const manifest = new TextEncoder().encode(sealJson({ ...content, ...changes }, sha256))
  const unpacked = unpackCheckpoint(500, { ...packed, manifest, ...files })
  return Result.isFailure(unpacked) ? unpacked.failure : assert.fail("was taken for sound")
}

const tensorsOf = (bytes: Uint8Array, count: number) => ({
  file: "tensors.safetensors",
  bytes: bytes.length,
  sha256: sha256(bytes),
  count
})

describe("a packed checkpoint", () => {
  it("says in the tensors' file too what it is, for whoever finds that alone", () => {
    const { metadata } = Result.getOrThrow(decodeSafetensors(packed.tensors))
    assert.deepStrictEqual(metadata, { library: "fovea 0.1.0", model: "glimpse", update: "500" })
  })

  it("has the digest that its tensors would have, were they saved", () => {
    assert.strictEqual(digestOfTensors(checkpoint.tensors, checkpoint.description), sha256(packed.tensors))
  })

  it("is refused where the manifest speaks of more tensors than there are, though every digest is right", () => {
    assert.deepStrictEqual(faultOf({ tensors: tensorsOf(packed.tensors, 3) }), {
      file: "tensors.safetensors",
      reason: { _tag: "Damaged", expected: "3 tensors", found: "2" }
    })
  })

  it("is refused where what the manifest vouches for is no safetensors file", () => {
    const bytes = new TextEncoder().encode("no tensors")
    const { file, reason } = faultOf({ tensors: tensorsOf(bytes, 2) }, { tensors: bytes })
    assert.strictEqual(file, "tensors.safetensors")
    assert.deepInclude(reason, { _tag: "Damaged", expected: "a safetensors file" })
  })

  it("of another format behind a right seal is from another version, not damaged", () => {
    const { file, reason } = faultOf({ format: 2 })
    assert.strictEqual(file, "manifest.json")
    assert.strictEqual(reason._tag, "Incompatible")
  })

  it("is damaged where its manifest is no UTF-8, or has so much as a mark of its encoding in front", () => {
    const other = faultOf({}, { manifest: Uint8Array.of(0x7b, 0xff, 0x7d) })
    assert.deepStrictEqual(other.reason, { _tag: "Damaged", expected: "UTF-8 text", found: "other bytes" })
    const marked = faultOf({}, { manifest: Uint8Array.of(0xef, 0xbb, 0xbf, ...packed.manifest) })
    assert.strictEqual(marked.reason._tag, "Damaged")
  })
})
