// What the tests of `domain` use of `@effect/vitest`, and nothing else: a test that uses more fails to load.
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

const describe = (name: string, declareTests: () => void): void => {
  groups.push(name)
  declareTests()
  groups.pop()
}

const it = Object.assign(declare, {
  each: (cases: ReadonlyArray<unknown>) => (name: string, body: (...values: ReadonlyArray<unknown>) => unknown) => {
    for (const one of cases) declare(name, () => (Array.isArray(one) ? body(...one) : body(one)))
  }
})

export { assert, describe, it }
