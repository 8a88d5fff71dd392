/** A number that grows with the batch: `fixed + perBatch * batch`. */
export interface Growth {
  readonly fixed: number
  readonly perBatch: number
}

/**
 * How whole numbers seen at several batch sizes grow with the batch; `undefined` if not by a straight line through all
 * of them. `seen[i]` belongs to `batches[i]`; the batches must differ, and three or more make the answer a check.
 */
export const growthOf = (seen: ReadonlyArray<number>, batches: ReadonlyArray<number>): Growth | undefined => {
  const [first = 0, second = first] = seen
  const [few = 0, more = 1] = batches
  const perBatch = (second - first) / (more - few)
  const fixed = first - perBatch * few
  const straight = batches.every((batch, i) => seen[i] === fixed + perBatch * batch)
  return straight && Number.isSafeInteger(perBatch) && Number.isSafeInteger(fixed) ? { fixed, perBatch } : undefined
}
