/** Where a run keeps what. All paths lie in its folder. */
export interface RunFolder {
  readonly folder: string
  readonly checkpoints: string
  readonly milestones: string
  /** States before and after numbers went wrong. */
  readonly diverged: string
  /** JSON lines. */
  readonly log: string
  readonly figures: string
}

/** The paths below a run's folder. */
export const runFolder = (folder: string): RunFolder => ({
  folder,
  checkpoints: `${folder}/checkpoints`,
  milestones: `${folder}/milestones`,
  diverged: `${folder}/diverged`,
  log: `${folder}/log.jsonl`,
  figures: `${folder}/figures`
})
