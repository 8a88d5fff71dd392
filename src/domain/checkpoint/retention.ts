import { own } from "../record/own.ts"
/** Which checkpoints of a run stay. What several parts of a rule cover stays by any of them. */
export interface Retention {
  /** How many of the newest. */
  readonly last: number
  /** Those whose update is a multiple of this. */
  readonly every?: number | undefined
  /** The one with the lowest or highest value of a metric; of equals, the newest. */
  readonly best?: { readonly metric: string; readonly goal: "lowest" | "highest" } | undefined
}

/** What a rule looks at of a checkpoint. */
export interface HeldCheckpoint {
  readonly update: number
  /** Those that stand in its manifest; none where it cannot be read. */
  readonly metrics: Readonly<Record<string, number>>
}

/** The updates that stay by a rule. */
export const retained = (
  { last, every, best }: Retention,
  held: ReadonlyArray<HeldCheckpoint>
): ReadonlySet<number> => {
  const ascending = held.map(({ update }) => update).sort((left, right) => left - right)
  const kept = new Set(ascending.slice(-last))
  if (every !== undefined) for (const update of ascending) if (update % every === 0) kept.add(update)
  if (best === undefined) return kept
  const { metric, goal } = best
  const ranked = held
    .flatMap(({ update, metrics }) => {
      const value = own(metrics, metric)
      return value === undefined ? [] : [{ update, rank: goal === "lowest" ? value : -value }]
    })
    .sort((left, right) => left.rank - right.rank || right.update - left.update)
  const [first] = ranked
  if (first !== undefined) kept.add(first.update)
  return kept
}
