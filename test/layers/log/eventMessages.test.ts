import { assert, describe, it } from "@effect/vitest"
import { encodeEvent } from "../../../src/layers/log/eventMessages.ts"
import { fieldsOf, messagesIn, numberIn, textIn, valuesOf } from "./eventFiles.ts"

describe("encodeEvent", () => {
  it("writes a text as the plugin of texts reads it: a tensor of one string, with the field numbers of TensorFlow", () => {
    const values = [{ tag: "run/warnings", text: "**é**" }]
    const event = fieldsOf(encodeEvent(1.5, { kind: "summary", step: 7, values }))
    assert.deepStrictEqual([numberIn(event, 1), numberIn(event, 2)], [1.5, 7])
    const [value] = valuesOf(event)
    assert.strictEqual(textIn(value, 1), "run/warnings")
    const [plugin] = messagesIn(messagesIn(value, 9)[0], 1)
    assert.strictEqual(textIn(plugin, 1), "text")
    const [tensor] = messagesIn(value, 8)
    assert.strictEqual(numberIn(tensor, 1), 7, "DT_STRING")
    const dimensions = messagesIn(messagesIn(tensor, 2)[0], 2)
    assert.deepStrictEqual(
      dimensions.map((dimension) => numberIn(dimension, 1)),
      [1]
    )
    assert.strictEqual(textIn(tensor, 8), "**é**")
  })
})
