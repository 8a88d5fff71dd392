import { assert, describe, it } from "@effect/vitest"
import { checkedLine, openLine } from "../../../src/layers/log/checkedLine.ts"

describe("checkedLine", () => {
  // The CRC-32 of `{"a":1` by another implementation (Python's zlib.crc32), and one that begins with a zero.
  const line = '{"a":1,"check":"a702fc6e"}'

  it("puts the CRC-32 of what stands before it at the end, with eight digits", () => {
    assert.strictEqual(checkedLine({ a: 1 }), line)
    assert.strictEqual(checkedLine({ a: 21 }), '{"a":21,"check":"025cf2d7"}')
  })

  it("opens again as it was", () => {
    assert.deepStrictEqual(openLine(line), { state: "checked", json: '{"a":1}' })
  })

  it("is damaged where line or check were changed, and unchecked without a check at its very end", () => {
    assert.deepStrictEqual(openLine(line.replace("1,", "2,")), { state: "damaged", json: '{"a":2}' })
    assert.deepStrictEqual(openLine(`${line} `), { state: "unchecked", json: `${line} ` })
    assert.deepStrictEqual(openLine('{"a":1}'), { state: "unchecked", json: '{"a":1}' })
    assert.deepStrictEqual(openLine(""), { state: "unchecked", json: "" })
  })
})
