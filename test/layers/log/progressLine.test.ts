import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { eventLine, formatDuration, progressLine } from "../../../src/layers/log/progressLine.ts"
import { anyEvent, anyProgress, oneOfEach, progress } from "./trainingEvents.ts"

describe("progressLine", () => {
  const event = progress({ metrics: { ...progress().metrics, clip: 0.00012 } })

  it.each([
    [
      140,
      "[#-----------------------------]   1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:43 left  clip=1.2e-4"
    ],
    [
      120,
      "[----------------]   1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:43 left  clip=1.2e-4"
    ],
    [100, " 1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:43 left  clip=1.2e-4"],
    [99, "[--------]   1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:43 left"],
    [79, " 1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  0:11:43 left"],
    [67, "[--------]   1200/24500  epoch 2.40  D 1.312  G 0.744  0:11:43 left"],
    [44, " 1200/24500  D 1.312  G 0.744  0:11:43 left"],
    [26, " 1200/24500  0:11:43 left"],
    [12, " 1200/24500"],
    [5, " 1200"],
    [0, ""]
  ])("in %i columns", (width, line) => {
    assert.strictEqual(progressLine(event, width), line)
  })

  it("shows the bound in the losses' place, and its parts in the accuracies'", () => {
    const metrics = { bound: -98.12, logLikelihood: -73.4, divergence: 24.72 }
    const line = progressLine(progress({ metrics }), Infinity)
    assert.include(line, "  bound -98.120  log p(x|z) -73.400 KL 24.720  ")
    assert.notInclude(line, "=")
  })

  it("shows the norms of clipped gradients behind all, and leaves them out first", () => {
    const norms = { discriminatorGradientNorm: 6.53, generatorGradientNorm: 104.577 }
    const clipped = progress({ metrics: { ...progress().metrics, ...norms } })
    assert.match(progressLine(clipped, Infinity), / left {2}gradients D 6\.530 G 104\.577$/)
    assert.strictEqual(progressLine(clipped, 99), progressLine(progress(), 99))
    const ofG = progress({ metrics: { generatorGradientNorm: 104.577 } })
    assert.match(progressLine(ofG, Infinity), / {2}gradients G 104\.577$/)
  })

  it("is never wider than asked, and printable ASCII whatever the metrics are called", () => {
    fc.assert(
      fc.property(anyProgress, fc.integer({ min: 0, max: 250 }), (event, width) => {
        const line = progressLine(event, width)
        assert.isAtMost(line.length, width)
        assert.match(line, /^[\x20-\x7e]*$/)
      })
    )
  })

  it("says more, never less, the wider it may be", () => {
    const wordsAt = (width: number) =>
      progressLine(event, width)
        .replace(/^\[.*?\]/, "")
        .trim()
        .split("  ")
    for (let width = 20; width < 150; width++) {
      const [narrow, wide] = [wordsAt(width), wordsAt(width + 1)]
      assert.isTrue(
        narrow.every((word) => wide.includes(word)),
        `${width}: ${narrow} | ${wide}`
      )
    }
  })

  it("fills its bar in proportion", () => {
    const barAt = (update: number) => /\[(.*)\]/.exec(progressLine(progress({ update, totalUpdates: 100 }), 200))?.[1]
    assert.strictEqual(barAt(0), "-".repeat(30))
    assert.strictEqual(barAt(50), "#".repeat(15) + "-".repeat(15))
    assert.strictEqual(barAt(99), `${"#".repeat(29)}-`)
    assert.strictEqual(barAt(100), "#".repeat(30))
    const ofNone = progressLine(progress({ update: 0, totalUpdates: 0 }), 200)
    assert.include(ofNone, `[${"#".repeat(30)}]`)
  })

  it("drops of the other metrics the last first, where it grows narrow", () => {
    const event = progress({ metrics: { first: 1, second: 2, third: 3 } })
    const wide = progressLine(event, Infinity)
    assert.match(wide, / {2}first=1\.000 {2}second=2\.000 {2}third=3\.000$/)
    assert.match(progressLine(event, wide.length - 1), / {2}first=1\.000 {2}second=2\.000$/)
    assert.match(progressLine(event, wide.length - 15), / {2}first=1\.000$/)
  })

  it("writes numbers with three decimals where these say enough, and speeds below 100 with one", () => {
    const metrics = { a: 0, b: 0.001, c: 0.00099, d: 9999, e: 10_000, f: -12_345 }
    const line = progressLine(progress({ metrics, updatesPerSecond: 100 }), Infinity)
    assert.match(
      line,
      / {2}100\/s {2}0:11:43 left {2}a=0\.000 {2}b=0\.001 {2}c=9\.9e-4 {2}d=9999\.000 {2}e=1\.0e\+4 {2}f=-1\.2e\+4$/
    )
    assert.include(progressLine(progress({ updatesPerSecond: 99.4 }), Infinity), "  99.4/s")
    assert.include(progressLine(progress({ updatesPerSecond: 250.4 }), Infinity), "  250/s")
  })

  it("leaves out what is not there, and shows what diverged", () => {
    assert.strictEqual(
      progressLine(progress({ metrics: { generatorLoss: Number.NaN, realAccuracy: Number.NaN } }), Infinity),
      " 1200/24500  epoch 2.40  G NaN  real NaN  33.1/s  0:11:43 left"
    )
    assert.strictEqual(
      progressLine(progress({ metrics: {}, secondsLeft: Infinity, updatesPerSecond: 0 }), Infinity),
      " 1200/24500  epoch 2.40  0.0/s  -:--:-- left"
    )
  })
})

describe("formatDuration", () => {
  it("is h:mm:ss", () => {
    assert.deepStrictEqual([0, 59.4, 59.6, 3599, 3600, 86_399, 360_000, -1, Number.NaN, Infinity].map(formatDuration), [
      "0:00:00",
      "0:00:59",
      "0:01:00",
      "0:59:59",
      "1:00:00",
      "23:59:59",
      "100:00:00",
      "-:--:--",
      "-:--:--",
      "-:--:--"
    ])
  })
})

describe("eventLine", () => {
  it("tells each kind of event", () => {
    assert.deepStrictEqual(oneOfEach.map(eventLine), [
      "started proposed: 24500 updates, 1234567 parameters, backend onnxruntime cpu",
      " 1200/24500  epoch 2.40  D 1.312  G 0.744  real 71% generated 28%  33.1/s  0:11:43 left",
      " 1300/24500  epoch 2.40  G NaN  33.1/s  -:--:-- left  other=-Infinity",
      "update 1500: checkpoint runs/one/update-00001500",
      "update 1500: image runs/one/samples é.png",
      'update 1500: warning: first line\\nsecond "line"\\r\\n\\u001b[31mred\\u2028end',
      "interrupted at update 1600",
      "finished at update 24500 after 0:12:20"
    ])
    assert.strictEqual(
      eventLine({
        _tag: "Started",
        name: "proposed",
        settings: null,
        update: 500,
        totalUpdates: 600,
        backend: "reference",
        parameters: 7
      }),
      "resumed proposed from update 500: 600 updates, 7 parameters, backend reference"
    )
  })

  it("ends with the last word of what it tells", () => {
    assert.strictEqual(eventLine({ _tag: "Warned", update: 5, message: "too late \n" }), "update 5: warning: too late")
  })

  it("is one line without control characters", () => {
    fc.assert(fc.property(anyEvent, (event) => assert.notMatch(eventLine(event), /[\p{Cc}\u2028\u2029]/u)))
  })
})
