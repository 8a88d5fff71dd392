import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import type { TrainingEvent } from "../../../src/domain/experiment/TrainingEvent.ts"
import { makeEpochSpans } from "../../../src/layers/log/epochSpans.ts"
import { progress } from "./trainingEvents.ts"

const started = (name: string): TrainingEvent => ({
  _tag: "Started",
  name,
  settings: { batch: 2 },
  update: 4,
  totalUpdates: 10,
  backend: "reference",
  parameters: 3
})
const at = (epoch: number, update: number) => progress({ epoch, update, metrics: { loss: epoch } })

/** The spans of events at the times 10, 20, ..; whatever is open ends after them. */
const spansOf = (events: ReadonlyArray<TrainingEvent>) => {
  const spans: Array<Tracer.NativeSpan> = []
  const roots: Array<boolean> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      roots.push(options.root)
      spans.push(span)
      return span
    }
  })
  const { record, end } = makeEpochSpans(tracer)
  events.forEach((event, i) => {
    record(event, BigInt(10 * (i + 1)))
  })
  end(BigInt(10 * (events.length + 1)))
  return spans.map((span, i) => {
    const parent = Option.getOrUndefined(span.parent)
    return {
      name: span.name,
      parent: parent === undefined ? undefined : spans.findIndex(({ spanId }) => spanId === parent.spanId),
      from: Number(span.status.startTime),
      to: span.status._tag === "Ended" ? Number(span.status.endTime) : undefined,
      attributes: Object.fromEntries(span.attributes),
      events: span.events.map(([name, time, attributes]) => [name, Number(time), attributes]),
      sampled: span.sampled,
      root: roots[i]
    }
  })
}

const courseOf = (events: ReadonlyArray<TrainingEvent>) =>
  spansOf(events).map(({ name, parent, from, to }) => [name, parent, from, to])

describe("makeEpochSpans", () => {
  it("makes a span of the run, and in it one of each epoch without gaps between them", () => {
    const events = [started("one"), at(0.5, 1), at(1, 2), at(1.5, 3), at(2.5, 5), at(3, 6)]
    assert.deepStrictEqual(courseOf([...events, { _tag: "Finished", update: 6, seconds: 1 }]), [
      ["training", undefined, 10, 70],
      ["epoch 1", 0, 10, 30],
      ["epoch 2", 0, 30, 50],
      ["epoch 3", 0, 50, 60]
    ])
  })

  it("says of the run what it is, and of an epoch what was reported of it last", () => {
    const [run, epoch] = spansOf([
      started("one"),
      at(0.25, 1),
      progress({ epoch: 0.5, update: 2, metrics: { loss: Number.NaN, other: 3 } })
    ])
    assert.deepStrictEqual(run?.attributes, {
      "fovea.run": "one",
      "fovea.settings": '{"batch":2}',
      "fovea.update": 4,
      "fovea.totalUpdates": 10,
      "fovea.backend": "reference",
      "fovea.parameters": 3
    })
    assert.deepStrictEqual(epoch?.attributes, {
      "fovea.loss": "NaN",
      "fovea.other": 3,
      "fovea.epoch": 1,
      "fovea.update": 2
    })
    assert.deepStrictEqual([run?.sampled, epoch?.sampled], [true, true])
    assert.deepStrictEqual([run?.root, epoch?.root], [true, false])
  })

  it("puts what happens into the epoch it falls into, or into the run between two of them", () => {
    const [run, epoch] = spansOf([
      started("one"),
      { _tag: "Warned", update: 0, message: "early" },
      at(0.5, 1),
      { _tag: "PictureWritten", update: 1, path: "a.png" },
      at(1, 2),
      { _tag: "Checkpointed", update: 2, path: "b" }
    ])
    assert.deepStrictEqual(run?.events, [
      ["Warned", 20, { update: 0, message: "early" }],
      ["Checkpointed", 60, { update: 2, path: "b" }]
    ])
    assert.deepStrictEqual(epoch?.events, [["PictureWritten", 40, { update: 1, path: "a.png" }]])
  })

  it("ends epoch and run when it is interrupted, and says so of the run", () => {
    const events = [started("one"), at(0.5, 1), { _tag: "Interrupted", update: 1 } as const, at(0.75, 2)]
    assert.deepStrictEqual(courseOf(events), [
      ["training", undefined, 10, 30],
      ["epoch 1", 0, 10, 30],
      // Nothing of the ended run: a report that comes without a start has no parent.
      ["epoch 1", undefined, 30, 50]
    ])
    assert.propertyVal(spansOf(events)[0]?.attributes, "fovea.interrupted", true)
    assert.notProperty(spansOf([started("one")])[0]?.attributes, "fovea.interrupted")
  })

  it("ends what is open when another run starts, or nothing more comes", () => {
    assert.deepStrictEqual(courseOf([started("one"), at(0.5, 1), started("two"), at(0.5, 1)]), [
      ["training", undefined, 10, 30],
      ["epoch 1", 0, 10, 30],
      ["training", undefined, 30, 50],
      ["epoch 1", 2, 30, 50]
    ])
  })

  it("takes what comes before any start: an epoch from its first report on, events of nothing", () => {
    const events: ReadonlyArray<TrainingEvent> = [
      { _tag: "Warned", update: 0, message: "early" },
      at(0, 0),
      { _tag: "Finished", update: 0, seconds: 1 },
      { _tag: "Interrupted", update: 0 }
    ]
    assert.deepStrictEqual(courseOf(events), [["epoch 1", undefined, 20, 30]])
  })
})
