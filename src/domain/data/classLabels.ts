import * as Result from "effect/Result"

/** Labels are bytes. */
const MOST_CLASSES = 256

const isByte = (name: string): boolean => /^(0|[1-9]\d{0,2})$/.test(name) && Number(name) < MOST_CLASSES

/** Names of classes in the order of their labels, and the label of each thing. */
export interface ClassLabels {
  readonly names: ReadonlyArray<string>
  /** `[count]`, indices of `names`. */
  readonly labels: Uint8Array
}

/**
 * The labels of things whose classes are given by name: where all names are numbers from 0 to 255 the numbers themselves,
 * else the place of the name among all in the order of UTF-16 code units. Fails in words for more than 256 classes.
 */
export const classLabels = (classes: ReadonlyArray<string>): Result.Result<ClassLabels, string> => {
  const distinct = [...new Set(classes)].sort()
  if (distinct.length > MOST_CLASSES) {
    return Result.fail(`there are ${distinct.length} classes; at most ${MOST_CLASSES} are told apart`)
  }
  const numbered = distinct.every(isByte)
  const names = numbered
    ? Array.from({ length: 1 + Math.max(-1, ...distinct.map(Number)) }, (_, label) => String(label))
    : distinct
  const places = new Map(names.map((name, label) => [name, label]))
  return Result.succeed({ names, labels: Uint8Array.from(classes, (name) => places.get(name) ?? 0) })
}
