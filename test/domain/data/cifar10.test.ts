import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { CIFAR10_RECORD_BYTES, parseCifar10 } from "../../../src/domain/data/cifar10.ts"

const record = (label: number, fill: (i: number) => number): Uint8Array =>
  Uint8Array.of(label, ...Array.from({ length: CIFAR10_RECORD_BYTES - 1 }, (_, i) => fill(i)))

const joined = (...parts: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(parts))

describe("parseCifar10", () => {
  it("has three planes an image, red first, each row by row, behind its label", () => {
    const set = Result.getOrThrow(
      parseCifar10(
        joined(
          record(3, (i) => i % 251),
          record(9, (i) => i >> 10)
        )
      )
    )
    assert.deepStrictEqual([set.count, set.channels, set.height, set.width], [2, 3, 32, 32])
    assert.deepStrictEqual(set.labels, Uint8Array.of(3, 9))
    assert.strictEqual(set.pixels[1 * 1024 + 5 * 32 + 7], (1024 + 5 * 32 + 7) % 251)
    assert.deepStrictEqual(
      [0, 1023, 1024, 2047, 2048, 3071].map((i) => set.pixels[3072 + i]),
      [0, 0, 1, 1, 2, 2]
    )
  })

  it("refuses what are no whole records, by their length", () => {
    for (const length of [0, 1, 3072, 3074, 2 * 3073 - 1]) {
      const error = Result.getOrThrow(Result.flip(parseCifar10(new Uint8Array(length))))
      assert.match(error.message, new RegExp(`^it has ${length} bytes, which are not whole records of 3073`))
    }
  })

  it("refuses a label that is no class, by its record", () => {
    const error = Result.getOrThrow(
      Result.flip(
        parseCifar10(
          joined(
            record(0, () => 0),
            record(10, () => 0)
          )
        )
      )
    )
    assert.strictEqual(error.message, "record 1, at byte 3073, has the label 10; labels are from 0 to 9")
  })

  it("reads or refuses whatever bytes there are", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4 }),
        fc.nat(3),
        fc.integer({ min: -1, max: 1 }),
        (start, records, more) => {
          const bytes = new Uint8Array(Math.max(0, records * CIFAR10_RECORD_BYTES + more))
          bytes.set(start.subarray(0, bytes.length))
          const parsed = parseCifar10(bytes)
          assert.strictEqual(Result.isSuccess(parsed), records > 0 && more === 0 && (start[0] ?? 0) < 10)
        }
      )
    )
  })
})
