/** What one part of the fault tests did. */
export interface FaultCount {
  /** What was injected or tried, e.g. "kill -9 during training". */
  readonly what: string
  readonly tried: number
  /** Runs, checkpoints or files lost; inputs that crashed, hung or broke a bound. Must be 0. */
  readonly losses: number
  /** What a reader should know beside the numbers. */
  readonly note?: string
}

/** A part of the fault tests: `npm run faults` runs all of them in full, `npm test` a short version of each. */
export interface FaultPart {
  readonly name: string
  readonly run: (options: {
    readonly size: "short" | "full"
    readonly seed: number
  }) => Promise<ReadonlyArray<FaultCount>>
}
