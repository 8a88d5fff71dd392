import type { SampleMeasures } from "../../../../src/domain/metrics/SampleMeasures.ts"
import type { Evidence } from "../../../../src/domain/paper/claim/evidence.ts"
import type { GeneratorNumbers } from "../../../../src/domain/paper/claim/GeneratorNumbers.ts"
import type { ClaimResult, CoursePoint, Verdict } from "../../../../src/domain/paper/report/Results.ts"

/** An estimate with a small error. */
export const about = (value: number, standardError = 0.001) => ({ value, standardError })

/** Measures of 10,000 good samples, with changes. */
export const measuresWith = (changes: Partial<SampleMeasures> = {}): SampleMeasures => ({
  count: 10_000,
  frechetDistance: 10,
  kernelDistance: about(0.1),
  precision: 0.8,
  recall: 0.5,
  density: 0.8,
  coverage: 0.5,
  inceptionScore: about(9),
  classHistogram: Array.from({ length: 10 }, () => 0.1),
  classEntropy: Math.log(10),
  classDistance: 0,
  confidence: about(0.95),
  sharpness: about(1),
  greyness: about(1),
  speckle: about(1),
  memorisation: { ratio: 1, nearerThanTest: 0.5 },
  parzen: { logLikelihood: 200, standardError: 2, width: 0.2 },
  ...changes
})

/** A course of Frechet distances at epochs 1, 2, .. */
export const courseOf = (distances: ReadonlyArray<number>): ReadonlyArray<CoursePoint> =>
  distances.map((frechetDistance, i) => {
    const { count, classEntropy, coverage, precision } = measuresWith()
    const measures = { count, frechetDistance, classEntropy, confidence: 0.9, coverage, precision, sharpness: 1 }
    return { epoch: i + 1, update: 500 * (i + 1), measures }
  })

/** Numbers of a generator for which C2, C4 and C5 hold, with changes. */
export const numbersWith = ({
  shares = [0.4, 0.3, 0.3],
  delay = 0.5,
  later = 0.1,
  wild = [0.9, 0.9, 0.2]
}: {
  readonly shares?: ReadonlyArray<number>
  readonly delay?: number
  readonly later?: number
  readonly wild?: ReadonlyArray<number>
} = {}): GeneratorNumbers => ({
  drawing: {
    count: 1_000,
    steps: shares.map((share) => ({
      coarse: share,
      fine: share,
      coarseShare: about(share),
      fineShare: about(share),
      share: about(share)
    })),
    coarseCentre: about(2),
    fineCentre: about(2 + delay),
    delay: about(delay)
  },
  latents: {
    count: 2_000,
    first: [about(0.7), about(0.1), about(0.01)],
    total: [about(0.8), about(0.2), about(0.1)],
    later: about(later)
  },
  wild: wild.map((distance, i) => ({ step: [1, 3, 6][i] ?? 0, distance: about(distance) }))
})

/** A finished training of good samples, with changes. */
export const evidence = (name: string, changes: Partial<Evidence> = {}): Evidence => ({
  name,
  seed: 0,
  measures: measuresWith(),
  course: courseOf([30, 20, 10]),
  collapsed: false,
  totalUpdates: 100,
  updates: 100,
  ...changes
})

const order: ReadonlyArray<Verdict> = ["does not hold", "unclear", "holds"]

/** Verdicts as numbers, better ones higher. */
export const rankOf = ({ verdict }: Pick<ClaimResult, "verdict">): number => order.indexOf(verdict)
