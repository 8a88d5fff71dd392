import { assert, describe, it } from "@effect/vitest"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { thinnedLines } from "../../../src/layers/log/thinnedLines.ts"
import { progress } from "./trainingEvents.ts"

const thinned = (events: ReadonlyArray<TrainingEvent>, torn = ""): ReadonlyArray<TrainingEvent> => {
  const text = events.map((event) => `${checkedLine(event)}\n`).join("") + torn
  const lines = new TextDecoder().decode(thinnedLines(new TextEncoder().encode(text))).split("\n")
  assert.strictEqual(lines.pop(), "")
  return lines.map((line) => {
    const { check: _, ...event } = JSON.parse(line)
    return event
  })
}

const warned = (update: number, message: string): TrainingEvent => ({ _tag: "Warned", update, message })

describe("thinnedLines", () => {
  const often = Array.from({ length: 100 }, (_, i) => warned(i, `collapse: D tells all apart, ${i}`))

  it("leaves half of what is often said, and its ends", () => {
    const updates = thinned(often).map(({ update }) => update)
    assert.isAtLeast(updates.length, 45)
    assert.isAtMost(updates.length, 55)
    assert.deepStrictEqual([updates[0], updates.at(-1)], [0, 99])
  })

  it("keeps a warning that was given once, wherever it is among others of another kind", () => {
    for (const place of [1, 2, 3, 50, 51, 98, 99]) {
      const rare = warned(place, "The training log standard output failed to record Progress: write EPIPE.")
      assert.deepInclude(thinned([...often.slice(0, place), rare, ...often.slice(place)]), rare, `at ${place}`)
    }
  })

  it("keeps every start, end and interruption, and leaves out a torn line", () => {
    const happened = Array.from({ length: 20 }, (_, update): TrainingEvent => ({ _tag: "Interrupted", update }))
    assert.deepStrictEqual(thinned(happened, '{"_tag":"Interr'), happened)
  })

  it("keeps of each kind the ends, and others at twice their distance, wherever the run began", () => {
    for (const first of [0, 7000]) {
      const reported = Array.from({ length: 9 }, (_, i) => progress({ update: first + 10 * i }))
      const updates = thinned(reported).map(({ update }) => update - first)
      // Nine records over 80 updates: a step of 160 / 9, which is nearly 18.
      assert.deepStrictEqual(updates, [0, 20, 40, 60, 80])
    }
  })

  it("leaves out what tells no event, and ends every line, the last one too", () => {
    const others = [
      "null",
      "5",
      '"text"',
      "{}",
      '{"_tag":"Warned"}',
      '{"update":1}',
      '{"_tag":1,"update":1}',
      '{"_tag":"Warned","update":"1"}'
    ]
    const whole = ['{"_tag":"Warned","update":2,"message":["of","no text"]}', '{"_tag":"Interrupted","update":3}']
    const text = [...others, ...whole].join("\n")
    const left = new TextDecoder().decode(thinnedLines(new TextEncoder().encode(text)))
    assert.strictEqual(left, whole.map((line) => `${line}\n`).join(""))
    assert.strictEqual(thinnedLines(new Uint8Array(0)).length, 0)
  })
})
