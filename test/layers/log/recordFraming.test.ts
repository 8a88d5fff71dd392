import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { crc32c, framedRecord } from "../../../src/layers/log/recordFraming.ts"
import { recordsOf } from "./eventFiles.ts"

describe("crc32c", () => {
  it("gives the values of RFC 3720, appendix B.4", () => {
    assert.strictEqual(crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.strictEqual(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e)
    assert.strictEqual(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i)), 0x113fdb5c)
  })
})

describe("framedRecord", () => {
  it("is what a reader takes apart again, one record behind the other", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (records) => {
        const file = Buffer.concat(records.map(framedRecord))
        assert.deepStrictEqual(
          recordsOf(file).map((record) => [...record]),
          records.map((record) => [...record])
        )
      })
    )
  })
})
