import * as Result from "effect/Result"
import { pathKey, spelledOut } from "../text/fileNames.ts"

/** The name of the file that `sha256sum * > SHA256SUMS` makes. */
export const CHECKSUMS_FILE = "SHA256SUMS"

/** Whether a file has this name, or one that is as usual for such a file: any letter case, `.txt` behind it, or without the S. */
export const isChecksumsFile = (name: string): boolean => /^sha256sums?(\.txt)?$/i.test(name)

/** As `sha256sum` writes it: a \ at the beginning says that those in the name are escapes. */
const LINE = /^(\\?)([0-9a-f]+)[ \t]+\*?(.+)$/i
/** As BSD's tools do, and `sha256sum --tag`. */
const TAGGED_LINE = /^(\\?)SHA2?-?256 ?\((.+)\) ?= ?([0-9a-f]+)$/i

/** Hexadecimal digits of SHA-256. */
const DIGITS = 64

/**
 * The digests in a `SHA256SUMS`, in small letters, by the names of files next to it (`pathKey`), as `sha256sum` writes it or BSD's
 * tools do, from any system: digits in any letter case, `./` before names; lines that begin with # are comments. The text is as
 * `decodeText` gives it. Fails with what is wrong and in which line: no such line, another kind of digest, a name that leads out
 * of the folder, or one that comes twice.
 */
export const parseChecksums = (text: string): Result.Result<ReadonlyMap<string, string>, string> => {
  const digests = new Map<string, string>()
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue
    const failed = (problem: string) => Result.fail(`line ${index + 1} ${problem}`)
    const { escaped = "", digest, given } = partsOf(line)
    if (digest === undefined || given === undefined || line.includes("\0")) {
      return failed('is not "<64 hexadecimal digits>  <name of a file in this folder>"')
    }
    if (digest.length !== DIGITS) {
      const kind = kinds.get(digest.length)
      return failed(
        `has ${digest.length} hexadecimal digits${kind === undefined ? "" : `, which is ${kind}`}; SHA-256 has 64`
      )
    }
    const name = pathKey(escaped === "" ? given : unescaped(given))
    if (name.includes("/") || name === "..") {
      return failed(`names ${spelledOut(given)}, which is not in this folder: run sha256sum * in it`)
    }
    if (digests.has(name)) return failed(`names ${spelledOut(name)} once more`)
    digests.set(name, digest.toLowerCase())
  }
  return Result.succeed(digests)
}

const kinds: ReadonlyMap<number, string> = new Map([
  [32, "MD5"],
  [40, "SHA-1"],
  [96, "SHA-384"],
  [128, "SHA-512"]
])

interface Parts {
  readonly escaped?: string | undefined
  readonly digest?: string | undefined
  readonly given?: string | undefined
}

const partsOf = (line: string): Parts => {
  const plain = LINE.exec(line)
  if (plain !== null) return { escaped: plain[1], digest: plain[2], given: plain[3] }
  const tagged = TAGGED_LINE.exec(line)
  return { escaped: tagged?.[1], given: tagged?.[2], digest: tagged?.[3] }
}

const unescaped = (name: string): string =>
  name.replaceAll(/\\([\\nr])/g, (_, letter: string) => (letter === "n" ? "\n" : letter === "r" ? "\r" : "\\"))

/** The digest of a file: by its name, or by the same name in another letter case if only one is there. */
export const digestNamed = (digests: ReadonlyMap<string, string>, name: string): string | undefined => {
  const exact = digests.get(pathKey(name))
  if (exact !== undefined) return exact
  const alike = [...digests].filter(([other]) => other.toLowerCase() === pathKey(name).toLowerCase())
  return alike.length === 1 ? alike[0]?.[1] : undefined
}
