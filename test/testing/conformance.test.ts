import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { layerReference } from "../../src/layers/backend/reference.ts"
import { checkConformance, conformance, formatReport } from "../../src/testing/conformance.ts"
import { mutants } from "./mutants.ts"

const laws = conformance({ slow: true })

describe("a backend that is wrong", () => {
  for (const [what, { layer, law: name }] of Object.entries(mutants)) {
    it.effect(`because it ${what} breaks a law`, () =>
      Effect.gen(function* () {
        const law = laws.find((one) => one.name.startsWith(name))
        assert.isDefined(law)
        const error = yield* Effect.flip(law.run)
        assert.strictEqual(error._tag, "ConformanceError")
        assert.strictEqual(error.law, law.name)
        assert.strictEqual(error.backend, "mutant")
      }).pipe(Effect.provide(layer))
    )
  }

  it.effect("is told the smallest case that fails", () =>
    Effect.gen(function* () {
      const law = laws.find(({ name }) => name === "primitives: tanh")
      assert.isDefined(law)
      const { message } = yield* Effect.flip(law.run)
      assert.match(
        message,
        /^mutant breaks the law "primitives: tanh": tanh, case 0, \[\], entry 0, is -?0\.\d+ instead of/
      )
      assert.include(message, "the smallest case (seed 2026)")
      assert.match(message, /tanh\(case 0 operand 0\) +: \[\]\n.*\ncase 0 operand 0 = \[-?0\.\d+\]$/)
    }).pipe(Effect.provide(mutants["has the wrong sign in tanh"]?.layer ?? layerReference))
  )
})

describe("the suite", () => {
  it("has a law for every primitive, and names that tell laws apart", () => {
    const names = laws.map(({ name }) => name)
    assert.strictEqual(new Set(names).size, names.length)
    for (const op of ["exp", "matmul", "convTranspose2d"]) assert.include(names, `primitives: ${op}`)
  })

  it("leaves slow laws out unless it is asked for them", () => {
    const quick = conformance()
    assert.isTrue(quick.every(({ slow }) => !slow))
    assert.isAbove(laws.length, quick.length)
  })

  it.effect("reports every law that is broken and counts those that are kept", () =>
    Effect.gen(function* () {
      const some = laws.filter(({ group }) => group === "noise" || group === "border")
      const sound = yield* checkConformance(some).pipe(Effect.provide(layerReference))
      assert.deepStrictEqual([sound.kept.length, sound.broken.length], [some.length, 0])
      const wrong = mutants["draws the noise of the next step"]?.layer ?? layerReference
      const report = yield* checkConformance(some).pipe(Effect.provide(wrong))
      const broken = report.broken.map(({ law }) => law)
      assert.isTrue(broken.some((name) => name.startsWith("noise: the numbers of every distribution")))
      assert.deepStrictEqual(new Set([...report.kept, ...broken]), new Set(some.map(({ name }) => name)))
      const lines = formatReport(report).split("\n")
      assert.strictEqual(lines.at(-1), `mutant keeps ${report.kept.length} of ${some.length} laws`)
    })
  )
})
