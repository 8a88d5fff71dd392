import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
import { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { progressFrom } from "../../../src/domain/watch/progressFrom.ts"
import { factsAfter, noFacts, pathInRun, type RunFacts, runState } from "../../../src/domain/watch/RunFacts.ts"
import { runSummary } from "../../../src/domain/watch/RunSummary.ts"

const started: TrainingEvent = {
  _tag: "Started",
  name: "mine",
  settings: { seed: 1 },
  update: 0,
  totalUpdates: 100,
  backend: "reference",
  parameters: 7
}
const progress = (update: number, loss: number): TrainingEvent => ({
  _tag: "Progress",
  update,
  totalUpdates: 100,
  epoch: update / 10,
  metrics: { loss },
  updatesPerSecond: 5,
  secondsLeft: (100 - update) / 5
})
const told = (...events: ReadonlyArray<TrainingEvent>): RunFacts =>
  events.reduce((facts, event, i) => factsAfter(facts, event, i * 1000), noFacts)
const drawn = (update: number, path: string): TrainingEvent => ({ _tag: "PictureWritten", update, path })

describe("the facts of a run", () => {
  it("are the last that was told", () => {
    const facts = told(started, progress(10, 3), { _tag: "Checkpointed", update: 12, path: "x" })
    assert.deepInclude(facts, { name: "mine", update: 12, checkpoint: 12, updatesPerSecond: 5, lastAt: 2000 })
    assert.strictEqual(told(started, progress(10, Number.NaN)).notFinite, "loss")
  })

  it("forget images of what is gone over again, and keep each file once", () => {
    const images = [drawn(10, "/a/runs/x/figures/epoch-001/samples.png"), drawn(20, "x/figures/epoch-002/samples.png")]
    const again: TrainingEvent = { ...started, update: 10 }
    assert.deepStrictEqual(told(started, ...images, again, drawn(12, "x/figures/epoch-001/samples.png")).images, [
      { update: 12, path: "figures/epoch-001/samples.png" }
    ])
  })

  it("stay bounded", () => {
    const many = Array.from({ length: 5000 }, (_, i): TrainingEvent => ({ _tag: "Warned", update: i, message: "w" }))
    const { notices } = told(started, ...many)
    assert.isAtMost(notices.length, 1001)
    assert.strictEqual(notices.at(-1)?.update, 4999)
    assert.strictEqual(notices[0]?.update, 0)
  })

  it("say whether a run goes on", () => {
    const state = (facts: RunFacts, held: boolean, silence: number) =>
      runState(facts, held, (facts.lastAt ?? 0) + silence)
    assert.strictEqual(state(noFacts, false, 0), "not begun")
    assert.strictEqual(state(told(started), true, 1e9), "running")
    assert.strictEqual(state(told(started), false, 1000), "running")
    assert.strictEqual(state(told(started), false, 1e6), "cut off")
    assert.strictEqual(state(told(started, { _tag: "Interrupted", update: 4 }), false, 0), "stopped")
    assert.strictEqual(state(told(started, { _tag: "Finished", update: 100, seconds: 1 }), false, 0), "finished")
    assert.strictEqual(state(told(started, { _tag: "Interrupted", update: 4 }, started), true, 0), "running")
  })

  it("name the newest sheet of samples, not the newest image", () => {
    const facts = told(started, drawn(1, "f/figures/samples.png"), drawn(1, "f/figures/steps.png"))
    const summary = runSummary(facts, { id: "a/b", state: "running", obeys: true, problem: undefined })
    assert.deepStrictEqual(summary.image, { update: 1, path: "figures/samples.png" })
    assert.isNull(summary.secondsLeft)
    assert.isTrue(summary.obeys)
  })
})

describe("the place of an image in its run", () => {
  it("is what lies below its figures, wherever the run was", () => {
    assert.strictEqual(pathInRun("runs/a/figures/epoch-1/s.png"), "figures/epoch-1/s.png")
    assert.strictEqual(pathInRun("figures/s.png"), "figures/s.png")
    assert.strictEqual(pathInRun("C:\\runs\\figures\\s.png"), "figures/s.png")
    assert.strictEqual(pathInRun("/elsewhere/points.png"), "points.png")
    assert.strictEqual(pathInRun("../../figures/../../etc/passwd"), "figures/etc/passwd")
  })
})

describe("progress in a log's line", () => {
  const asJson = Schema.toCodecJson(TrainingEvent)
  const number = fc.oneof(fc.double({ noDefaultInfinity: false }), fc.constant(Number.NaN))

  it("is what the schema decodes", () => {
    fc.assert(
      fc.property(fc.nat(), number, fc.dictionary(fc.string(), number), number, (update, epoch, metrics, seconds) => {
        const event = { ...progress(update, 1), epoch, metrics, secondsLeft: seconds }
        const json: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(asJson)(event)))
        assert.deepStrictEqual<unknown>(progressFrom(json), Schema.decodeUnknownSync(asJson)(json))
      }),
      { numRuns: 100 }
    )
  })

  it("is nothing else", () => {
    const json = Schema.encodeSync(asJson)(progress(3, 1))
    for (const wrong of [
      null,
      [],
      "Progress",
      Schema.encodeSync(asJson)(started),
      { ...Object(json), update: 1.5 },
      { ...Object(json), update: "3" },
      { ...Object(json), metrics: [] },
      { ...Object(json), metrics: { loss: "high" } },
      { ...Object(json), epoch: null }
    ]) {
      assert.isUndefined(progressFrom(wrong))
    }
  })
})
