import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { duplicateKey } from "../../../src/domain/checkpoint/duplicateKey.ts"

describe("duplicateKey", () => {
  it("finds a key that stands twice in one object, however it is spelt", () => {
    assert.strictEqual(duplicateKey('{"a":1,"b":{"a":1},"a":2}'), "a")
    assert.strictEqual(duplicateKey('{"x":[{"k":1 , "k" \n : 2}]}'), "k")
    assert.strictEqual(duplicateKey('{"a":1,"\\u0061":2}'), "a")
    assert.strictEqual(duplicateKey('{"\\\\":1,"\\"":0,"\\\\":2}'), "\\")
  })

  it("is not misled by values, nor by braces and colons within strings", () => {
    assert.strictEqual(duplicateKey('{"a":"a","b":"a","c":["a","a"]}'), undefined)
    assert.strictEqual(duplicateKey('{"a{":"}\\"a{\\":","b":{"a{":1}}'), undefined)
    assert.strictEqual(duplicateKey('[{"a":1},{"a":1}]'), undefined)
  })

  it("accepts whatever JSON.stringify writes, and finds any key added to it once more", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const text = JSON.stringify(value)
        assert.strictEqual(duplicateKey(text), undefined)
        const [key = ""] = Object.keys(value)
        assert.strictEqual(duplicateKey(`${text.slice(0, -1)},${JSON.stringify(key)}:0}`), key)
      })
    )
  })
})
