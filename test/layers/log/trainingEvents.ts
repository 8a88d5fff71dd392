import * as fc from "fast-check"
import type { TrainingEvent, TrainingEventOf } from "../../../src/domain/experiment/TrainingEvent.ts"

/** A `Progress` event as the trainer makes them; give what the test is about. */
export const progress = (
  fields: Partial<Omit<TrainingEventOf<"Progress">, "_tag">> = {}
): TrainingEventOf<"Progress"> => ({
  _tag: "Progress",
  update: 1200,
  totalUpdates: 24500,
  epoch: 2.4,
  metrics: { discriminatorLoss: 1.3124, generatorLoss: 0.7441, realAccuracy: 0.714, generatedAccuracy: 0.281 },
  updatesPerSecond: 33.14,
  secondsLeft: 703.1,
  ...fields
})

/** One event of every kind, with numbers that JSON cannot write and text that breaks lines. */
export const oneOfEach: ReadonlyArray<TrainingEvent> = [
  {
    _tag: "Started",
    name: "proposed",
    settings: { batch: 100, adam: { rate: 3.75e-4 }, tags: ["a", null, true] },
    update: 0,
    totalUpdates: 24500,
    backend: "onnxruntime cpu",
    parameters: 1_234_567
  },
  progress(),
  progress({ update: 1300, metrics: { generatorLoss: Number.NaN, other: -Infinity }, secondsLeft: Infinity }),
  { _tag: "Checkpointed", update: 1500, path: "runs/one/update-00001500" },
  { _tag: "PictureWritten", update: 1500, path: "runs/one/samples é.png" },
  { _tag: "Warned", update: 1500, message: 'first line\nsecond "line"\r\n\u001b[31mred\u2028end' },
  { _tag: "Interrupted", update: 1600 },
  { _tag: "Finished", update: 24500, seconds: 740.25 }
]

const update = fc.nat(1_000_000)
const anyNumber = fc.double().map((value) => (Object.is(value, -0) ? 0 : value))
const metricNames = fc.oneof(
  fc.constantFrom("discriminatorLoss", "generatorLoss", "realAccuracy", "generatedAccuracy"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter((name) => name !== "__proto__")
)

export const anyProgress: fc.Arbitrary<TrainingEventOf<"Progress">> = fc.record(
  {
    _tag: fc.constant("Progress" as const),
    update,
    totalUpdates: update,
    epoch: anyNumber,
    metrics: fc.dictionary(metricNames, anyNumber, { noNullPrototype: true, maxKeys: 6 }),
    updatesPerSecond: anyNumber,
    secondsLeft: anyNumber
  },
  { noNullPrototype: true }
)

/** Any event; -0 is left out, since JSON writes it as 0. */
export const anyEvent: fc.Arbitrary<TrainingEvent> = fc.oneof(
  anyProgress,
  fc.record({ _tag: fc.constant("Checkpointed" as const), update, path: fc.string() }, { noNullPrototype: true }),
  fc.record({ _tag: fc.constant("PictureWritten" as const), update, path: fc.string() }, { noNullPrototype: true }),
  fc.record(
    { _tag: fc.constant("Warned" as const), update, message: fc.string({ unit: "grapheme" }) },
    { noNullPrototype: true }
  ),
  fc.record({ _tag: fc.constant("Finished" as const), update, seconds: anyNumber }, { noNullPrototype: true }),
  fc.record({ _tag: fc.constant("Interrupted" as const), update }, { noNullPrototype: true }),
  fc.record(
    {
      _tag: fc.constant("Started" as const),
      name: fc.string(),
      settings: fc.constantFrom(null, 1, "text", [1, [null]], { nested: { deep: [true] } }),
      update,
      totalUpdates: update,
      backend: fc.string(),
      parameters: fc.nat()
    },
    { noNullPrototype: true }
  )
)
