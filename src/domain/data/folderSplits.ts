import * as Result from "effect/Result"

/** A split that has a folder of its own, or all images where there is none. */
export type FolderSplit = "all" | "train" | "validation" | "test"

type NamedSplit = Exclude<FolderSplit, "all">

/** The names of the splits' folders, in any letter case. */
const names: Readonly<Record<NamedSplit, ReadonlyArray<string>>> = {
  train: ["train", "training"],
  validation: ["validation", "valid", "val", "dev"],
  test: ["test", "testing"]
}
const splits = ["train", "validation", "test"] as const

/** The split whose folder has this name. */
export const splitNamed = (name: string): NamedSplit | undefined =>
  splits.find((split) => names[split].includes(name.toLowerCase()))

/** Words that are added to the name of a split: `train_images`, `Test-Set`, `val2017`. */
const additions =
  /^(sets?|data|datas?ets?|images?|imgs?|pics?|pictures?|photos?|splits?|folders?|dirs?|files?|new|old|final|all|full|copy|of|the|only)$/

/** Other words for splits, and what is often typed for their names. */
const alike: ReadonlyMap<string, NamedSplit> = new Map([
  ...(["validate", "validating", "evaluation", "eval", "evaluate", "holdout"] as const).map(
    (name) => [name, "validation"] as const
  ),
  ...(["tests", "tst", "heldout"] as const).map((name) => [name, "test"] as const),
  ...(["trains", "trn"] as const).map((name) => [name, "train"] as const),
  ...splits.flatMap((split) => names[split].map((name) => [`${name}set`, split] as const))
])

/** The split that a name is nearly that of: with additions, with letters in another order, or with one letter wrong in a long name. */
export const nearlySplit = (name: string): NamedSplit | undefined => {
  const words = wordsOf(name).filter((word) => !additions.test(word))
  const [word] = words
  if (word === undefined || words.length > 1) return undefined
  return (
    splitNamed(word) ?? alike.get(word) ?? splits.find((split) => names[split].some((known) => isMistyped(word, known)))
  )
}

const wordsOf = (name: string): ReadonlyArray<string> =>
  name
    .normalize("NFKC")
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, " ")
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== "")

/**
 * Folders that look like different splits, two or more, or none: their names are nearly those of splits, or differ in the word for a
 * split alone (`trainA` and `testA`, `DIV2K_train_HR` and `DIV2K_valid_HR`).
 */
export const lookLikeSplits = (folders: ReadonlyArray<string>): ReadonlyArray<string> => {
  const near = folders.filter((name) => nearlySplit(name) !== undefined)
  if (new Set(near.map(nearlySplit)).size > 1) return near
  const twins = new Map<string, Map<NamedSplit, string>>()
  for (const name of folders) {
    const words = wordsOf(name)
    const at = words.findIndex((word) => (splitNamed(word) ?? alike.get(word)) !== undefined)
    const word = words[at]
    const split = word === undefined ? undefined : (splitNamed(word) ?? alike.get(word))
    if (split === undefined) continue
    const others = words.toSpliced(at, 1).join(" ")
    twins.set(others, new Map(twins.get(others)).set(split, name))
  }
  for (const of of twins.values()) if (of.size > 1) return [...of.values()]
  return []
}

const LONG_NAME = 7

const isMistyped = (word: string, known: string): boolean => {
  const sorted = (text: string) => [...text].sort().join("")
  // Of short names one wrong letter makes other words: rain, best.
  return (
    known.length > 3 && (sorted(word) === sorted(known) || (known.length >= LONG_NAME && isOneLetterOff(word, known)))
  )
}

const isOneLetterOff = (word: string, known: string): boolean => {
  let start = 0
  while (start < known.length && word[start] === known[start]) start++
  const [rest, wanted] = [word.slice(start), known.slice(start)]
  return rest.slice(1) === wanted.slice(1) || rest.slice(1) === wanted || rest === wanted.slice(1)
}

const RULE =
  "images divided by folders are in train and test, and in validation if they are (or training, testing, val, valid, dev, in any letter case), and nowhere else"

/**
 * Which of the folders in a data set's folder are splits, by their names; none if no name is that of a split. Fails with what
 * is wrong, in a clause, where names leave it open what to train on: two folders of one split, only one of train and test, other
 * folders next to them, or names that are nearly those of splits.
 */
export const splitsOfFolders = (
  folders: ReadonlyArray<string>
): Result.Result<ReadonlyMap<string, NamedSplit>, string> => {
  const found = new Map(
    folders.flatMap((name) => {
      const split = splitNamed(name)
      return split === undefined ? [] : [[name, split] as const]
    })
  )
  const others = folders.filter((name) => !found.has(name))
  if (found.size === 0) {
    const near = others.find((name) => nearlySplit(name) !== undefined)
    const pair = lookLikeSplits(others)
    if (near === undefined && pair.length > 0) {
      return Result.fail(
        `it has folders ${pair.map((name) => JSON.stringify(name)).join(" and ")}, which look like splits: rename them, to those or to names that are not like splits'; ${RULE}`
      )
    }
    if (near === undefined) return Result.succeed(found)
    return Result.fail(
      `it has a folder ${JSON.stringify(near)}, which is nearly ${nearlySplit(near)}: rename it, to ${nearlySplit(near)} or to a name that is not like a split's; ${RULE}`
    )
  }
  const first = [...found].sort(([, one], [, two]) => splits.indexOf(one) - splits.indexOf(two))[0]?.[0]
  for (const split of splits) {
    const [one, two] = [...found].flatMap(([name, of]) => (of === split ? [name] : []))
    if (two !== undefined) {
      return Result.fail(`it has two folders of the split ${split}, ${one} and ${two}: put their images into one`)
    }
  }
  const other = others.find((name) => nearlySplit(name) !== undefined) ?? others[0]
  const missing = (["train", "test"] as const).find((split) => ![...found.values()].includes(split))
  if (other === undefined && missing === undefined) return Result.succeed(found)
  const what =
    missing === undefined || (other !== undefined && nearlySplit(other) === missing)
      ? `also a folder ${other}`
      : `no folder ${missing}`
  return Result.fail(`it has a folder ${first}, but ${what}: ${RULE}`)
}
