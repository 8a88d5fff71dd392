import * as Effect from "effect/Effect"
import { mapRecord } from "../../src/domain/tensor/Tree.ts"

/** Some measurements of one thing, in the unit they were made in. */
export interface Summary {
  readonly median: number
  /** The 25th and the 75th percentile. */
  readonly quartiles: readonly [lower: number, upper: number]
  readonly least: number
  readonly count: number
}

/** The value that a share of the sorted ones lies below, interpolated between neighbours. */
const quantile = (sorted: ReadonlyArray<number>, share: number): number => {
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (at - Math.floor(at)) * (above - below)
}

/** Median, quartiles and minimum: all robust against the odd slow run of a busy machine. Throws a `RangeError` on none. */
export const summarise = (values: ReadonlyArray<number>): Summary => {
  if (values.length === 0) throw new RangeError("there are no measurements to summarise")
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    least: quantile(sorted, 0),
    count: sorted.length
  }
}

/**
 * Lets contestants take turns, A B C A B C .., for some rounds, so that whatever else the machine does in a while falls on
 * all of them. Each turn gives milliseconds per repetition; the result is every contestant's turns by round.
 */
export const interleave = <Name extends string, E, R>(
  rounds: number,
  contestants: Readonly<Record<Name, Effect.Effect<ReadonlyArray<number>, E, R>>>
): Effect.Effect<Readonly<Record<Name, ReadonlyArray<ReadonlyArray<number>>>>, E, R> =>
  Effect.gen(function* () {
    const taken = mapRecord(contestants, (): Array<ReadonlyArray<number>> => [])
    for (let round = 0; round < rounds; round++) {
      // `Object.keys` forgets which keys there are.
      for (const name of Object.keys(contestants) as Array<Name>) taken[name].push(yield* contestants[name])
    }
    return taken
  })

/** How many times as long one contestant took as another: the ratio of their medians round by round, summarised. */
export const ratioByRound = (
  slower: ReadonlyArray<ReadonlyArray<number>>,
  faster: ReadonlyArray<ReadonlyArray<number>>
): Summary => summarise(slower.map((turn, round) => summarise(turn).median / summarise(faster[round] ?? []).median))

/** Milliseconds of each repetition of an effect: at least one, then until there are `most` or `seconds` have passed. */
export const timed = Effect.fnUntraced(function* <E, R>(
  limit: { readonly most: number; readonly seconds: number },
  repetition: (index: number) => Effect.Effect<unknown, E, R>
) {
  const times: Array<number> = []
  const begun = performance.now()
  do {
    const from = performance.now()
    yield* repetition(times.length)
    times.push(performance.now() - from)
  } while (times.length < limit.most && performance.now() - begun < 1000 * limit.seconds)
  return times
})
