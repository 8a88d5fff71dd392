import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as fc from "fast-check"
import { jsonIssue } from "../../../src/domain/json/jsonIssue.ts"
import { parseJson } from "../../../src/domain/json/parseJson.ts"

const strict = (text: string) => jsonIssue(text, { depth: 5, protoKeys: false })
const twice = (key: string): string => `the key ${JSON.stringify(key)} stands twice in one object`

describe("jsonIssue", () => {
  it("finds a key that stands twice in one object, however it is spelt", () => {
    assert.strictEqual(strict('{"a":1,"b":{"a":1},"a":2}'), twice("a"))
    assert.strictEqual(strict('{"x":[{"k":1 , "k" \n : 2}]}'), twice("k"))
    assert.strictEqual(strict('{"a":1,"\\u0061":2}'), twice("a"))
    assert.strictEqual(strict('{"\\\\":1,"\\"":0,"\\\\":2}'), twice("\\"))
  })

  it("is not misled by values, nor by braces and colons within strings", () => {
    assert.strictEqual(strict('{"a":"a","b":"a","c":["a","a"]}'), undefined)
    assert.strictEqual(strict('{"a{":"}\\"a{\\":","b":{"a{":1}}'), undefined)
    assert.strictEqual(strict('[{"a":1},{"a":1}]'), undefined)
  })

  it("accepts whatever JSON.stringify writes, and finds any key added to it once more", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
        const text = JSON.stringify(value)
        const lax = (json: string) => jsonIssue(json, { depth: 1000, protoKeys: true })
        assert.strictEqual(lax(text), undefined)
        const [key = ""] = Object.keys(value)
        assert.strictEqual(lax(`${text.slice(0, -1)},${JSON.stringify(key)}:0}`), twice(key))
      })
    )
  })

  it("counts depth, and only what is open at once", () => {
    assert.strictEqual(strict('[[[[[1]]]],{"a":[[[]]]}]'), undefined)
    assert.strictEqual(strict("[[[[[[]]]]]]"), "it is nested more than 5 deep")
    assert.strictEqual(strict('"[[[[[[[["'), undefined)
  })

  it("finds __proto__ as a key, however it is spelt, and not as a value", () => {
    assert.strictEqual(strict('{"a":{"__proto__":1}}'), "__proto__ must not be a key")
    assert.strictEqual(strict('{"\\u005f_proto__":1}'), "__proto__ must not be a key")
    assert.strictEqual(strict('{"a":"__proto__"}'), undefined)
  })
})

describe("parseJson", () => {
  it("gives what JSON.parse gives, or one reason why not", () => {
    assert.deepStrictEqual(parseJson('{"a":[1,"x",null]}'), Result.succeed({ a: [1, "x", null] }))
    for (const [text, reason] of [
      ["{", /^not JSON: /],
      ['{"a":1,"a":2}', /the key "a" stands twice/],
      ['{"__proto__":{}}', /__proto__ must not be a key/],
      ["[".repeat(100_000) + "]".repeat(100_000), /nested more than 64 deep/]
    ] as const) {
      const parsed = parseJson(text)
      assert(Result.isFailure(parsed))
      assert.match(parsed.failure, reason)
    }
  })
})
