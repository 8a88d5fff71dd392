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

/** What counts neither as noticed nor as unnoticed. Every entry must match a survivor of the run, or the run says that it is stale. */
export const equivalents: ReadonlyArray<Equivalent> = []
