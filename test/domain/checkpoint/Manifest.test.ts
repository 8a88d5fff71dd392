import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeManifest, descriptionOf, type ManifestError } from "../../../src/domain/checkpoint/Manifest.ts"
import { manifest } from "./exampleManifest.ts"

const errorOf = (content: unknown): ManifestError => {
  const result = decodeManifest(content)
  assert(Result.isFailure(result), "expected the manifest to be refused")
  return result.failure
}

describe("decodeManifest", () => {
  it("accepts a manifest unchanged, also after a trip through JSON", () => {
    assert.deepStrictEqual(Result.getOrThrow(decodeManifest(JSON.parse(JSON.stringify(manifest)))), manifest)
  })

  it("accepts manifests that say what else they were computed with, and those from before they did", () => {
    const environment = { node: "22.1.0", platform: "linux x64", processor: "p", shards: 2, threads: 2 }
    const full = { ...manifest, environment }
    assert.deepStrictEqual(Result.getOrThrow(decodeManifest(full)), full)
    assert.notProperty(Result.getOrThrow(decodeManifest(manifest)), "environment")
    assert.include(errorOf({ ...manifest, environment: { ...environment, shards: -1 } }).message, "shards")
  })

  it("calls another format incompatible, whatever else it holds", () => {
    const error = errorOf({ format: 2, whatever: true })
    assert.strictEqual(error.reason, "Incompatible")
    assert.include(error.message, "expected format 1, found format 2")
  })

  it("lists every fault with its path", () => {
    const error = errorOf({
      ...manifest,
      update: -1,
      seed: 0.5,
      metrics: { loss: Number.NaN },
      settings: { when: new Date(0) },
      createdAt: "yesterday",
      tensors: { ...manifest.tensors, file: "../../etc/passwd", sha256: "ABC" },
      surplus: 1
    })
    assert.strictEqual(error.reason, "Invalid")
    const places = ['"update"', '"seed"', '"loss"', '"settings"', '"createdAt"', '"file"', '"sha256"', '"surplus"']
    for (const place of places) assert.include(error.message, place)
  })

  it.each(Object.keys(manifest))("needs the field %s", (field) => {
    const { [field]: _, ...rest }: Record<string, unknown> = manifest
    assert.include(errorOf(rest).message, field)
    assert.strictEqual(errorOf(rest).reason, "Invalid")
  })

  it.each([null, undefined, 5, "format", true, []])("calls %s invalid, which has no format", (content) => {
    assert.strictEqual(errorOf(content).reason, "Invalid")
  })

  it("takes times in UTC with or without fractions, and nothing around them", () => {
    const at = (createdAt: string) => decodeManifest({ ...manifest, createdAt })
    for (const time of ["2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5Z", "2024-02-29T23:59:59.123456Z"]) {
      assert.isTrue(Result.isSuccess(at(time)), time)
    }
    const wrong = ["2026-01-31", "2026-01-31T12:00:00", "2026-13-31T12:00:00Z", "on 2026-01-31T12:00:00Z"]
    for (const time of [...wrong, "2026-01-31T12:00:00Z or so", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+01:00"]) {
      assert.isTrue(Result.isFailure(at(time)), time)
      assert.include(errorOf({ ...manifest, createdAt: time }).message, "2026-01-31T12:00:00.000Z")
    }
  })

  it("takes a digest of 64 hexadecimal digits, not of more", () => {
    for (const sha256 of [`0${"a".repeat(64)}`, `${"a".repeat(64)}0`, "a".repeat(63), "A".repeat(64)]) {
      assert.include(
        errorOf({ ...manifest, tensors: { ...manifest.tensors, sha256 } }).message,
        "64 hexadecimal digits"
      )
    }
  })

  it("looks into the library and the data set", () => {
    assert.include(errorOf({ ...manifest, library: { name: "fovea" } }).message, '"version"')
    assert.include(errorOf({ ...manifest, library: { name: 1, version: "0.1.0" } }).message, '"name"')
    assert.include(errorOf({ ...manifest, dataset: { name: "mnist" } }).message, '"digests"')
    assert.include(errorOf({ ...manifest, dataset: { name: "mnist", digests: { train: 1 } } }).message, '"train"')
  })
})

describe("descriptionOf", () => {
  it("leaves out what the store adds", () => {
    const { format: _format, tensors: _tensors, ...rest } = manifest
    assert.deepStrictEqual(descriptionOf(manifest), rest)
  })
})
