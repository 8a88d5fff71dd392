/** A mutant that computes the same as the source, so that no test can notice it. */
export interface Equivalent {
  /** From the repository's root. */
  readonly file: string
  /** The source that is replaced, and by what. */
  readonly source: string
  readonly replacement: string
  /** Why nobody can tell the two apart. */
  readonly reason: string
}

/** Changes of one file that have one reason. */
export const alike = (
  file: string,
  reason: string,
  changes: ReadonlyArray<readonly [source: string, replacement: string]>
): ReadonlyArray<Equivalent> => changes.map(([source, replacement]) => ({ file, source, replacement, reason }))
