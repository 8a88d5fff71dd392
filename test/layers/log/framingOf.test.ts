import { assert, describe, it } from "@effect/vitest"
import { framedRecord, framingOf } from "../../../src/layers/log/recordFraming.ts"

const file = Uint8Array.from([[1, 2, 3], [], [255, 0]].flatMap((data) => [...framedRecord(Uint8Array.from(data))]))
const ends = [0, 19, 35, file.length]

describe("framingOf", () => {
  it("counts the records of a file", () => {
    assert.deepStrictEqual(framingOf(file), { records: 3, rest: 0 })
    assert.deepStrictEqual(framingOf(new Uint8Array(0)), { records: 0, rest: 0 })
  })

  it("notices every flipped bit", () => {
    for (let bit = 0; bit < 8 * file.length; bit++) {
      const changed = Uint8Array.from(file)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      assert.property(framingOf(changed), "fault", `bit ${bit}`)
    }
  })

  it("names the record that is wrong, and where it begins, also one of which no more than its length is there", () => {
    const changed = (at: number, length = file.length): Uint8Array =>
      Uint8Array.from(file.subarray(0, length), (byte, i) => (i === at ? byte ^ 1 : byte))
    assert.deepStrictEqual(framingOf(changed(20)), {
      fault: "the length of record 2 (at byte 19) does not match its checksum"
    })
    assert.deepStrictEqual(framingOf(changed(20, 31)), framingOf(changed(20)))
    assert.deepStrictEqual(framingOf(changed(47)), { fault: "record 3 (at byte 35) does not match its checksum" })
  })

  it("tells of every cut that is not between two records", () => {
    for (let length = 0; length <= file.length; length++) {
      const whole = ends.filter((end) => end <= length)
      const rest = length - (whole.at(-1) ?? 0)
      assert.deepStrictEqual(
        framingOf(file.subarray(0, length)),
        { records: whole.length - 1, rest },
        `${length} bytes`
      )
    }
  })
})
