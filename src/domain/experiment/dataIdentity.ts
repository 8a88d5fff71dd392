/** SHA-256 of the sources of a data set, by their names. */
export type DataDigests = Readonly<Record<string, string>>

/**
 * One name for all spellings of a data file's: small letters, and `train-images-idx3-ubyte` also for `train-images.idx3-ubyte`. Digests
 * are recorded under it.
 */
export const canonicalDataName = (name: string): string => name.toLowerCase().replace(".idx", "-idx")

/** The digests of what is learnt from itself: where they are recorded, the files that it was made from do not count. */
const SPLITS = ["training", "validation", "test"] as const

/** The digest of an image folder's files; the same images may come out of others. */
const IMAGE_FILES = "picture files"

/**
 * In what data differ from recorded ones, naming both digests, or `undefined` if they are the same: data are known by their
 * digests alone, wherever they lie and whatever their folder is called.
 */
export const dataDifference = (recorded: DataDigests, found: DataDigests): string | undefined => {
  const [before, now] = [known(recorded), known(found)]
  // Several-digits and synthetic data have the digests of their splits as well, and no image files.
  const bySplits = [before, now].every((digests) => SPLITS.every((split) => digests.has(split)))
  const names = [...new Set([...before.keys(), ...now.keys()])]
  const name = names.find((each) => !(bySplits && each === IMAGE_FILES) && before.get(each) !== now.get(each))
  if (name === undefined) return undefined
  const shown = (digest: string | undefined) => (digest === undefined ? "none" : `SHA-256 ${digest}`)
  return `${name} differs: ${shown(before.get(name))} there, ${shown(now.get(name))} here`
}

const known = (digests: DataDigests): ReadonlyMap<string, string> =>
  new Map(Object.entries(digests).map(([name, digest]) => [canonicalDataName(name), digest.toLowerCase()]))
