import type { Equivalent } from "../Equivalent.ts"

/** Of data sets and of what is in the files of checkpoints. */
export const dataEquivalents: ReadonlyArray<Equivalent> = [
  {
    file: "src/domain/checkpoint/retention.ts",
    source: "every !== undefined",
    replacement: "true",
    reason: "A remainder by undefined is NaN, which is never 0."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "begin < covered",
    replacement: "begin <= covered",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "left < right",
    replacement: "left <= right",
    reason: "No two names of one object are equal."
  },
  {
    file: "src/domain/checkpoint/safetensors.ts",
    source: "!isRecord(fields)",
    replacement: "false",
    reason: "JSON that starts with { is an object; only the type checker needs the question."
  },
  {
    file: "src/domain/data/npy.ts",
    source: "bytes.length < expected",
    replacement: "bytes.length <= expected",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/data/idx.ts",
    source: "bytes.length < totalBytes",
    replacement: "bytes.length <= totalBytes",
    reason: "It is only asked where the two differ."
  },
  {
    file: "src/domain/data/npyImages.ts",
    source: "at < values.length",
    replacement: "at <= values.length",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/npyImages.ts",
    source: "value > 1",
    replacement: "value >= 1",
    reason: "The number 1 itself is never refused."
  },
  {
    file: "src/domain/data/cifar10.ts",
    source: "n < count",
    replacement: "n <= count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/Images.ts",
    source: "n < set.count",
    replacement: "n <= set.count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/LabelledImages.ts",
    source: "classes !== undefined",
    replacement: "true",
    reason: "No number is at least undefined."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "n < count",
    replacement: "n <= count",
    reason: "What lies past the end reads as 0 and is written nowhere."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "b < height",
    replacement: "b <= height",
    reason: "What is written too far is written over by the next channel or image, or dropped."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "a < width",
    replacement: "a <= width",
    reason: "What is written too far is written over by the next row, channel or image, or dropped."
  },
  {
    file: "src/domain/data/syntheticImages.ts",
    source: "channel < channels",
    replacement: "channel <= channels",
    reason: "What is written too far is written over by the next image, or dropped."
  },
  {
    file: "src/domain/data/severalDigits.ts",
    source: "channel < source.channels",
    replacement: "channel <= source.channels",
    reason: "What is laid too far lies behind the end of the image's own bytes, where writing is dropped."
  }
]
