import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type HeldCheckpoint, type Retention, retained } from "../../../src/domain/checkpoint/retention.ts"

const held = fc.uniqueArray(
  fc.record({
    update: fc.nat(60),
    metrics: fc.oneof(fc.constant({}), fc.record({ loss: fc.integer({ min: -3, max: 3 }) }))
  }),
  { selector: ({ update }) => update, maxLength: 20 }
)
const rule: fc.Arbitrary<Retention> = fc.record({
  last: fc.integer({ min: 1, max: 5 }),
  every: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  best: fc.option(
    fc.record({ metric: fc.constant("loss"), goal: fc.constantFrom("lowest" as const, "highest" as const) }),
    {
      nil: undefined
    }
  )
})
const lossOf = ({ metrics }: HeldCheckpoint): number | undefined => metrics["loss"]

describe("retained", () => {
  it("keeps the last, one of every so many, and the best, and nothing else", () => {
    const losses = [5, 1, 4, 2, 6, 3]
    const checkpoints = losses.map((loss, i) => ({ update: 10 * (i + 1), metrics: { loss } }))
    const kept = (retention: Retention) => [...retained(retention, checkpoints)].sort((left, right) => left - right)
    assert.deepStrictEqual(kept({ last: 1 }), [60])
    assert.deepStrictEqual(kept({ last: 2, every: 20 }), [20, 40, 50, 60])
    assert.deepStrictEqual(kept({ last: 1, best: { metric: "loss", goal: "lowest" } }), [20, 60])
    assert.deepStrictEqual(kept({ last: 2, best: { metric: "loss", goal: "highest" } }), [50, 60])
    assert.deepStrictEqual(kept({ last: 1, best: { metric: "unknown", goal: "lowest" } }), [60])
  })

  it("covers what each part says, whatever there is", () => {
    fc.assert(
      fc.property(held, rule, (checkpoints, retention) => {
        const kept = retained(retention, checkpoints)
        const updates = checkpoints.map(({ update }) => update).sort((left, right) => left - right)
        const expected = new Set(updates.slice(-retention.last))
        for (const update of updates) if (retention.every && update % retention.every === 0) expected.add(update)
        const losses = checkpoints.flatMap((one) => lossOf(one) ?? [])
        const extreme = retention.best?.goal === "lowest" ? Math.min(...losses) : Math.max(...losses)
        const best = checkpoints.filter((one) => lossOf(one) === extreme).map(({ update }) => update)
        if (retention.best && losses.length > 0) expected.add(Math.max(...best))
        assert.deepStrictEqual(kept, expected)
      })
    )
  })

  it("keeps the best of all when it prunes step by step", () => {
    fc.assert(
      fc.property(held, rule, (checkpoints, retention) => {
        const ascending = checkpoints.toSorted((left, right) => left.update - right.update)
        let there: ReadonlyArray<HeldCheckpoint> = []
        for (const next of ascending) {
          const now: ReadonlyArray<HeldCheckpoint> = [...there, next]
          const stay = retained(retention, now)
          there = now.filter(({ update }) => stay.has(update))
        }
        assert.deepStrictEqual(new Set(there.map(({ update }) => update)), retained(retention, ascending))
      })
    )
  })
})
