import * as Result from "effect/Result"

/** The name of the file that `sha256sum * > SHA256SUMS` makes. */
export const CHECKSUMS_FILE = "SHA256SUMS"

const LINE = /^([0-9a-f]{64}) [ *]([^/\\\0]+)$/

/**
 * The digests in a `SHA256SUMS`, as `sha256sum` writes it, by the names of files beside it. Fails with what is wrong and in
 * which line: no such line, a name that leads out of the folder, or a name that stands twice.
 */
export const parseChecksums = (text: string): Result.Result<ReadonlyMap<string, string>, string> => {
  const digests = new Map<string, string>()
  for (const [index, line] of text.split("\n").entries()) {
    if (line === "") continue
    const [, digest, name] = LINE.exec(line) ?? []
    if (digest === undefined || name === undefined || name === "..") {
      return Result.fail(`line ${index + 1} is not "<64 hexadecimal digits>  <name of a file in this folder>"`)
    }
    if (digests.has(name)) return Result.fail(`line ${index + 1} names ${name} once more`)
    digests.set(name, digest)
  }
  return Result.succeed(digests)
}
