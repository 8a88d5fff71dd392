import { assert } from "@effect/vitest"

/** Every number finite. Says which one is not. */
export const assertFinite = (values: ArrayLike<number>, what: string): void => {
  const wrong = Array.from(values).findIndex((value) => !Number.isFinite(value))
  assert.strictEqual(wrong, -1, `${what}: entry ${wrong} is ${values[wrong]}`)
}

/**
 * Equal up to `tolerance` of the largest expected magnitude (at least of 1): for results of sums, whose rounding follows
 * their largest terms. Says which entry is farthest off.
 */
export const assertClose = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "values"
): void => {
  assert.strictEqual(actual.length, expected.length, `${what}: number of entries`)
  const magnitude = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] ?? Number.NaN, expected[i] ?? Number.NaN]
    // Not `>`: a NaN must fail.
    if (!(Math.abs(a - e) <= tolerance * magnitude)) assert.fail(`${what}: entry ${i} is ${a}, expected ${e}`)
  }
}
