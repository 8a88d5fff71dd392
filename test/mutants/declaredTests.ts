// What the tests of the usual folders use of `@effect/vitest`, and nothing else: a test that uses more fails to load.
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as TestConsole from "effect/testing/TestConsole"
import { assert } from "vitest"

/** One test as a file declared it. */
export interface DeclaredTest {
  /** The names of its groups and its own, and which of the file's tests it is, as names may repeat. */
  readonly name: string
  readonly body: () => unknown
}

const groups: Array<string> = []
let declared: Array<DeclaredTest> = []

const declare = (name: string, body: () => unknown): void => {
  declared.push({ name: `${declared.length} ${[...groups, name].join(" > ")}`, body })
}

/** The tests declared since this was last asked. */
export const takeDeclared = (): ReadonlyArray<DeclaredTest> => {
  const taken = declared
  declared = []
  return taken
}

const group = (name: string, declareTests: () => void): void => {
  groups.push(name)
  declareTests()
  groups.pop()
}

/** What is done with each case: a list is spread, as Vitest does. */
const eachOf =
  (cases: ReadonlyArray<unknown>, add: (name: string, body: () => unknown) => void) =>
  (name: string, body: (...values: ReadonlyArray<unknown>) => unknown): void => {
    for (const one of cases) add(name, () => (Array.isArray(one) ? body(...one) : body(one)))
  }

const describe = Object.assign(group, { each: (cases: ReadonlyArray<unknown>) => eachOf(cases, group) })

type Body<R, Arguments extends ReadonlyArray<unknown>> = (...given: Arguments) => Effect.Effect<unknown, unknown, R>

/** Tests that are Effects, with a scope of their own. Cases are given whole, not spread: as in `@effect/vitest`. */
const effectTests = <R>(run: (effect: Effect.Effect<unknown, unknown, R>) => Promise<unknown>) =>
  Object.assign((name: string, body: Body<R, []>) => declare(name, () => run(Effect.suspend(body))), {
    each: (cases: ReadonlyArray<unknown>) => (name: string, body: Body<R, [unknown]>) => {
      for (const one of cases) declare(name, () => run(Effect.suspend(() => body(one))))
    },
    skipIf: (condition: boolean) => (name: string, body: Body<R, []>) => {
      if (!condition) declare(name, () => run(Effect.suspend(body)))
    }
  })

const testServices = Layer.mergeAll(TestConsole.layer, TestClock.layer())

const it = Object.assign(declare, {
  each: (cases: ReadonlyArray<unknown>) => eachOf(cases, declare),
  effect: effectTests<Scope.Scope | TestClock.TestClock | TestConsole.TestConsole>((effect) =>
    Effect.runPromise(Effect.provide(Effect.scoped(effect), testServices))
  ),
  live: effectTests<Scope.Scope>((effect) => Effect.runPromise(Effect.scoped(effect)))
})

export { assert, describe, it }
