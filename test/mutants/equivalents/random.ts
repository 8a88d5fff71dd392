import type { Equivalent } from "../Equivalent.ts"

/** Of random numbers. */
export const randomEquivalents: ReadonlyArray<Equivalent> = [
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "s > 5",
    replacement: "s >= 5",
    reason: "Both pieces give the same there, to the last digits of a float64."
  },
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "q < 0",
    replacement: "q <= 0",
    reason: "Beyond the centre q is never 0."
  },
  {
    file: "src/domain/random/noise.ts",
    source: "i < length",
    replacement: "i <= length",
    reason: "What is written past the end of a typed array is dropped."
  },
  {
    file: "src/domain/random/permutation.ts",
    source: "i < count",
    replacement: "i <= count",
    reason: "What is written past the end of a typed array is dropped."
  },
  {
    file: "src/domain/random/permutation.ts",
    source: "last > 0",
    replacement: "last >= 0",
    reason: "Drawing one of one thing leaves it where it is."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at < length",
    replacement: "at <= length",
    reason: "One more block, all of whose words lie past the end of the array, where they are dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "false",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0 && at + BLOCK_WORDS <= length",
    replacement: "at >= 0 || at + BLOCK_WORDS <= length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "at > 0",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at >= 0",
    replacement: "at < 0",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0 && at + 1 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0 && at + 1 < length",
    replacement: "at + 1 >= 0 || at + 1 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1 < length",
    replacement: "at + 1 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 1",
    replacement: "at - 1",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0 && at + 2 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0 && at + 2 < length",
    replacement: "at + 2 >= 0 || at + 2 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2 < length",
    replacement: "at + 2 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 2",
    replacement: "at - 2",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0 && at + 3 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0 && at + 3 < length",
    replacement: "at + 3 >= 0 || at + 3 < length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 >= 0",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 < length",
    replacement: "true",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3 < length",
    replacement: "at + 3 <= length",
    reason: "What is written outside of a typed array is dropped."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + 3",
    replacement: "at - 3",
    reason: "In a bound only: the branch writes more than there is room for, which is dropped."
  },
  {
    file: "src/domain/random/inverseNormal.ts",
    source: "q <= central.bound",
    replacement: "q < central.bound",
    reason: "No probability gives this very q: the float64 numbers near 0.925 lie too far apart."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "true",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "at + BLOCK_WORDS < length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS <= length",
    replacement: "at + BLOCK_WORDS > length",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  },
  {
    file: "src/domain/random/threefry.ts",
    source: "at + BLOCK_WORDS",
    replacement: "at - BLOCK_WORDS",
    reason:
      "Both branches write the same words: what is written outside of a typed array is dropped, but takes V8 longer."
  }
]
