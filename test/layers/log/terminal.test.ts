import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import * as Ref from "effect/Ref"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"
import * as TestClock from "effect/testing/TestClock"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { eventLine, progressLine } from "../../../src/layers/log/progressLine.ts"
import { TrainingLog } from "../../../src/layers/log/TrainingLog.ts"
import { layerTerminal } from "../../../src/layers/log/terminal.ts"
import { logContract } from "./logContract.ts"
import { oneOfEach, progress } from "./trainingEvents.ts"

/** `layerTerminal` on a terminal (or, with `null`, a file) whose output goes to `written`. */
const onTerminal = (
  columns: Effect.Effect<number> | null,
  display: (text: string) => Effect.Effect<void, PlatformError.PlatformError>
) =>
  Layer.provide(layerTerminal, [
    Stdio.layerTest({ stdoutIsTerminal: Effect.succeed(columns !== null) }),
    Layer.succeed(
      Terminal.Terminal,
      Terminal.make({
        columns: columns ?? Effect.succeed(0),
        rows: Effect.succeed(24),
        size: Effect.never,
        readInput: Effect.never,
        readLine: Effect.never,
        display
      })
    )
  ])

const show = (columns: Effect.Effect<number> | null, events: ReadonlyArray<TrainingEvent>) =>
  Effect.gen(function* () {
    const written = yield* Ref.make("")
    yield* Effect.flatMap(TrainingLog, ({ record }) => Effect.forEach(events, record)).pipe(
      Effect.provide(
        onTerminal(columns, (text) => Ref.update(written, (before) => before + text)),
        { local: true }
      )
    )
    return yield* Ref.get(written)
  })

const erase = "\r\u001b[K"

/** What a terminal of this width shows after such output: each line as it stands at the end. */
const shown = (output: string, columns: number): ReadonlyArray<string> =>
  output.split("\n").map((line) => {
    const drafts = line.split(erase)
    for (const draft of drafts) {
      assert.notMatch(draft, /\p{Cc}/u)
      if (draft.startsWith("[")) assert.isBelow(draft.length, columns)
    }
    return drafts.at(-1) ?? ""
  })

logContract(
  "layerTerminal into a file",
  Effect.map(Ref.make(""), (written) => ({
    layer: onTerminal(null, (text) => Ref.update(written, (before) => before + text)),
    kept: Effect.map(Ref.get(written), (text) => text.split("\n").slice(0, -1)),
    expected: (events) => events.map(eventLine)
  }))
)

/** A display whose every writing waits until its reader comes. */
const lateReader = Effect.gen(function* () {
  const written = yield* Ref.make("")
  const reader = yield* Deferred.make<void>()
  const display = (text: string) =>
    Effect.uninterruptible(
      Effect.andThen(
        Ref.update(written, (before) => before + text),
        Deferred.await(reader)
      )
    )
  return { display, reader, written }
})

describe("layerTerminal on a terminal", () => {
  const started = oneOfEach[0]
  const steps = [1000, 1100, 1200].map((update) => progress({ update }))

  it.effect("rewrites one line, and lets other events scroll by above it", () =>
    Effect.gen(function* () {
      const [first, second, third] = steps
      assert.isDefined(started)
      assert.isDefined(first)
      assert.isDefined(second)
      assert.isDefined(third)
      const output = yield* show(Effect.succeed(120), [
        started,
        first,
        { _tag: "Checkpointed", update: 1000, path: "a" },
        { _tag: "Warned", update: 1000, message: "two\nlines" },
        second,
        third,
        { _tag: "Finished", update: 1200, seconds: 61 }
      ])
      assert.deepStrictEqual(shown(output, 120), [
        "started proposed: 24500 updates, 1234567 parameters, backend onnxruntime cpu",
        "update 1000: checkpoint a",
        "update 1000: warning: two\\nlines",
        progressLine(third, 119),
        "finished at update 1200 after 0:01:01",
        ""
      ])
    })
  )

  it.effect("shows the progress again after an event that scrolled by", () =>
    Effect.gen(function* () {
      const output = yield* show(Effect.succeed(90), [progress(), { _tag: "PictureWritten", update: 1200, path: "p" }])
      assert.deepStrictEqual(shown(output, 90), ["update 1200: image p", progressLine(progress(), 89), ""])
    })
  )

  it.effect("ends the line it stands on when it is closed, and only then", () =>
    Effect.gen(function* () {
      assert.isTrue((yield* show(Effect.succeed(80), steps)).endsWith("left\n"))
      const interrupted = yield* show(Effect.succeed(80), [...steps, { _tag: "Interrupted", update: 1200 }])
      assert.isTrue(interrupted.endsWith("left\ninterrupted at update 1200\n"))
      assert.strictEqual(yield* show(Effect.succeed(80), []), "")
    })
  )

  it.effect("is never wider than the terminal is at the time", () =>
    Effect.gen(function* () {
      const widths = [200, 60, 20, 5, 1]
      const asked = yield* Ref.make(0)
      const columns = Effect.map(
        Ref.getAndUpdate(asked, (count) => count + 1),
        (count) => widths[count] ?? 1
      )
      const output = yield* show(
        columns,
        widths.map((update) => progress({ update }))
      )
      const drawn = output.trimEnd().split(erase).slice(1)
      assert.strictEqual(drawn.length, widths.length)
      drawn.forEach((line, index) => {
        assert.isBelow(line.length, widths[index] ?? 0)
      })
    })
  )

  it.effect("takes a terminal that does not tell its width for one of 80 columns", () =>
    Effect.gen(function* () {
      assert.include(yield* show(Effect.succeed(0), [progress()]), progressLine(progress(), 79))
    })
  )

  it.effect("fails when the terminal is gone", () =>
    Effect.gen(function* () {
      const gone = PlatformError.badArgument({ module: "Terminal", method: "display", cause: new Error("write EPIPE") })
      const error = yield* Effect.flatMap(TrainingLog, ({ record }) => record(progress())).pipe(
        Effect.provide(onTerminal(Effect.succeed(80), () => Effect.fail(gone))),
        Effect.flip
      )
      assert.strictEqual(error.message, "The training log standard output failed to record Progress: write EPIPE")
    })
  )

  it.effect("goes on though nobody reads, leaves out what would pile up, and says how much when somebody does", () =>
    Effect.gen(function* () {
      const { display, reader, written } = yield* lateReader
      const line = (update: number) => `${eventLine(progress({ update }))}\n`
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        const first = yield* Effect.forkChild(record(progress({ update: 1 })))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(first)
        for (let update = 2; update <= 1000; update++) yield* record(progress({ update }))
        assert.strictEqual(yield* Ref.get(written), line(1))
        yield* Deferred.succeed(reader, undefined)
        yield* Effect.yieldNow
        yield* record(progress({ update: 1001 }))
      }).pipe(Effect.provide(onTerminal(null, display)))
      const expected = `${line(1)}(999 lines left out: they were not read)\n${line(1001)}`
      assert.strictEqual(yield* Ref.get(written), expected)
    })
  )

  it.effect("waits a second for who reads late before it leaves out how a run ended", () =>
    Effect.gen(function* () {
      const { display, reader, written } = yield* lateReader
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        const run = yield* Effect.forkChild(
          Effect.andThen(record(progress({ update: 1 })), record({ _tag: "Interrupted", update: 1 }))
        )
        yield* TestClock.adjust("600 millis")
        yield* Deferred.succeed(reader, undefined)
        yield* Fiber.join(run)
      }).pipe(Effect.provide(onTerminal(null, display)))
      assert.include(yield* Ref.get(written), "interrupted at update 1\n")
    })
  )

  it.effect("is closed though nobody reads", () =>
    Effect.gen(function* () {
      const open = onTerminal(Effect.succeed(80), () => Effect.uninterruptible(Effect.never))
      const run = yield* Effect.flatMap(TrainingLog, ({ record }) => record(progress())).pipe(
        Effect.provide(open, { local: true }),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(run)
    })
  )

  it.effect("tells a fault that came after it stopped waiting with the next record, and shows the one after that", () =>
    Effect.gen(function* () {
      const reader = yield* Deferred.make<void, PlatformError.PlatformError>()
      const written = yield* Ref.make("")
      let first = true
      const display = (text: string) => {
        if (!first) return Ref.update(written, (before) => before + text)
        first = false
        return Deferred.await(reader)
      }
      const gone = PlatformError.badArgument({ module: "Terminal", method: "display", cause: new Error("write EPIPE") })
      yield* Effect.gen(function* () {
        const { record } = yield* TrainingLog
        const begun = yield* Effect.forkChild(record(progress()))
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(begun)
        yield* Deferred.fail(reader, gone)
        yield* Effect.yieldNow
        assert.include((yield* Effect.flip(record(progress()))).message, "write EPIPE")
        yield* record(progress({ update: 7 }))
      }).pipe(Effect.provide(onTerminal(null, display)))
      assert.strictEqual(yield* Ref.get(written), `${eventLine(progress({ update: 7 }))}\n`)
    })
  )

  it.effect("does not let the process end by what standard output fails with when nobody waits for it", () =>
    Effect.gen(function* () {
      yield* TrainingLog
      assert.doesNotThrow(() => process.stdout.emit("error", new Error("write EPIPE")))
    }).pipe(Effect.provide(onTerminal(null, () => Effect.void)))
  )
})
