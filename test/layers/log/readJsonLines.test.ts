import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { checkedLine } from "../../../src/layers/log/checkedLine.ts"
import { logOf } from "../../../src/layers/log/readJsonLines.ts"
import { withWarnings } from "../../support/withWarnings.ts"

const whole = (update: number): string => checkedLine({ time: "t", _tag: "Interrupted", update })
const bytesOf = (lines: ReadonlyArray<string>): Uint8Array => new TextEncoder().encode(lines.join("\n"))
const torn = '{"time":"t","_tag":"Interr'
const damaged = whole(1).replace("Interrupted", "Interrupteb")

/** What is read of lines, and what is said of those that are passed over. */
const readOf = (bytes: Uint8Array) =>
  Effect.map(withWarnings(logOf("log.jsonl", bytes)), ({ result: { records, ...passedOver }, lines }) => ({
    updates: records.map(({ event }) => event.update),
    ...passedOver,
    lines
  }))

describe("lines of a log that are not what was written", () => {
  it.effect("are passed over and named in one warning, the damaged before the torn ones", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* readOf(bytesOf([whole(1), damaged, whole(2), torn, damaged])), {
        updates: [1, 2],
        tornLines: [4],
        damagedLines: [2, 5],
        lines: ["log.jsonl: lines passed over (damaged: 2, 5; cut short: 4)"]
      })
      const lines = (read: { readonly lines: ReadonlyArray<string> }) => read.lines
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([torn, whole(1)]))), [
        "log.jsonl: lines passed over (cut short: 1)"
      ])
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([damaged, whole(1)]))), [
        "log.jsonl: lines passed over (damaged: 1)"
      ])
      assert.deepStrictEqual(lines(yield* readOf(bytesOf([whole(1), whole(2)]))), [])
    })
  )

  it.effect("are named up to twenty", () =>
    Effect.gen(function* () {
      const [twenty, more] = [
        yield* readOf(bytesOf(Array(20).fill(torn))),
        yield* readOf(bytesOf(Array(23).fill(torn)))
      ]
      const names = Array.from({ length: 20 }, (_, i) => i + 1).join(", ")
      assert.deepStrictEqual(twenty.lines, [`log.jsonl: lines passed over (cut short: ${names})`])
      assert.deepStrictEqual(more.lines, [`log.jsonl: lines passed over (cut short: ${names} and 3 more)`])
    })
  )

  it.effect("are too many for a log beyond ten thousand, of either kind together", () =>
    Effect.gen(function* () {
      const lost = Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? torn : damaged))
      assert.deepStrictEqual((yield* readOf(bytesOf([...lost, whole(7)]))).updates, [7])
      const { message } = yield* Effect.flip(logOf("log.jsonl", bytesOf([...lost, torn, whole(7)])))
      assert.include(message, "it is no log: more than 10000 of its first 10002 lines are not records")
    })
  )

  it.effect("are none where a line is blank", () =>
    Effect.gen(function* () {
      const read = yield* readOf(bytesOf(["", whole(1), "  ", "\t", whole(2), ""]))
      assert.deepStrictEqual(read, { updates: [1, 2], tornLines: [], damagedLines: [], lines: [] })
    })
  )

  it.effect("are damaged by a mark of the encoding in front", () =>
    Effect.gen(function* () {
      const marked = Uint8Array.of(0xef, 0xbb, 0xbf, ...bytesOf([whole(1), whole(2)]))
      assert.deepInclude(yield* readOf(marked), { updates: [2], damagedLines: [1] })
    })
  )

  it.effect("are not those of an older version, which have no check, up to the first that has one", () =>
    Effect.gen(function* () {
      const unchecked = (update: number) => JSON.stringify({ time: "t", _tag: "Interrupted", update })
      const read = yield* readOf(bytesOf([unchecked(1), unchecked(2), whole(3), unchecked(4), whole(5)]))
      assert.deepInclude(read, { updates: [1, 2, 3, 5], damagedLines: [4], tornLines: [] })
    })
  )

  it.effect("are damaged, not wrong, where they are JSON without a check: it may be the check that was hit", () =>
    Effect.gen(function* () {
      const read = yield* readOf(bytesOf(['{"time":"t","_tag":"Nothing"}', "5", "null", whole(3)]))
      assert.deepInclude(read, { updates: [3], damagedLines: [1, 2, 3], tornLines: [] })
      const wrong = checkedLine({ time: "t", _tag: "Nothing" })
      const { message } = yield* Effect.flip(logOf("log.jsonl", bytesOf([whole(1), wrong])))
      assert.include(message, "The training log log.jsonl failed to read line 2: ")
    })
  )
})
