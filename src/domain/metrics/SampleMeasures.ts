import * as Schema from "effect/Schema"

/** A mean over samples (or over splits of them) and its standard error. */
export const Estimate = Schema.Struct({ value: Schema.Number, standardError: Schema.Number })
export type Estimate = typeof Estimate.Type

/** Counts the changes of what is measured or how: what was measured before one is measured again. */
export const measuresVersion = 3

/**
 * What is measured of a set of images that stand against the data, as JSON. Real means training images; features and
 * class probabilities are the classifier's. Each field's source is at the function that computes it.
 */
export const SampleMeasures = Schema.Struct({
  /** Images measured. */
  count: Schema.Int,
  /** Of features to those of all training images; 0 is the least. `frechetDistance` */
  frechetDistance: Schema.Number,
  /** Unbiased, cubic kernel, of features; about 0 for equal distributions. `kernelDistance` */
  kernelDistance: Estimate,
  /** Share of images within the real ones' neighbourhoods, k = 5: fidelity, in [0, 1]. `precisionRecall` */
  precision: Schema.Number,
  /** Share of real images within the neighbourhoods of these: variety, in [0, 1]. */
  recall: Schema.Number,
  /** About 1 for real images, may exceed it. `densityCoverage` */
  density: Schema.Number,
  /** Share of real images with one of these among their k nearest, in [0, 1]. */
  coverage: Schema.Number,
  /** In [1, 10]. `inceptionScore` */
  inceptionScore: Estimate,
  /** Share of each class among the images, 0..9. `classMeasures` */
  classHistogram: Schema.Array(Schema.Number),
  /** Of the histogram, in nats; at most ln 10 = 2.303. */
  classEntropy: Schema.Number,
  /** Total variation of the histogram to the training images', in [0, 1]. */
  classDistance: Schema.Number,
  /** Mean probability of the likeliest class, in [0.1, 1]. */
  confidence: Estimate,
  /** Share of images whose likeliest class has a probability over 0.9, in [0, 1]. `classMeasures`; results before it have none. */
  legible: Schema.optionalKey(Schema.Number),
  /** Sharpness as a multiple of the test images': 1 as sharp as real. `relativeSharpness` */
  sharpness: Estimate,
  /** Greyness as a multiple of the test images': above 1 blurred, below 1 harder than real. `relativeGreyness` */
  greyness: Estimate,
  /** Speckle as a multiple of the test images': above 1 noisier than real. `speckle`; results before it have none. */
  speckle: Schema.optionalKey(Estimate),
  /**
   * Distance to the nearest training image over that of test images; well below 1 means copies. `memorisation`
   */
  memorisation: Schema.Struct({
    ratio: Schema.Number,
    /** Probability that an image is nearer to the training images than a test image is; 1/2 as it should be. */
    nearerThanTest: Schema.Number
  }),
  /** Log-likelihood of the test images under a Parzen window on the images. `parzenProgram` */
  parzen: Schema.Struct({
    /** Mean over test images, in nats. */
    logLikelihood: Schema.Number,
    standardError: Schema.Number,
    /** The window's standard deviation, chosen on validation images. */
    width: Schema.Number
  })
})
export type SampleMeasures = typeof SampleMeasures.Type

/** The measures that are cheap enough to follow over a training. */
export const HistoryMeasures = Schema.Struct({
  count: Schema.Int,
  frechetDistance: Schema.Number,
  classEntropy: Schema.Number,
  confidence: Schema.Number,
  coverage: Schema.Number,
  precision: Schema.Number,
  sharpness: Schema.Number
})
export type HistoryMeasures = typeof HistoryMeasures.Type
