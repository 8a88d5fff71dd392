import * as Result from "effect/Result"

/**
 * The path of a file as texts from any system may give it, in one form: `\` is `/`, a leading `./` and doubled strokes go, and
 * letters are composed (Unicode's NFC: macOS writes é as e and an accent).
 */
export const pathKey = (path: string): string =>
  path
    .normalize("NFC")
    .replaceAll("\\", "/")
    .replaceAll(/\/(\.?\/)+/g, "/")
    .replace(/^(\.\/)+/, "")

/** Without letter case, width and kind of spaces: names that look alike have the same. */
export const likeness = (path: string): string =>
  pathKey(path)
    .normalize("NFKC")
    .toLowerCase()
    .replaceAll(/[\p{Cf}\s]+/gu, "")

const unseen = /[\p{M}\p{Cc}\p{Cf}]|(?! )\p{Z}/gu

/** A text in which what cannot be seen, or hides in a letter, is spelt out: `e<U+0301>.png`. */
export const spelledOut = (text: string): string =>
  text.replaceAll(unseen, (letter) => `<U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`)

/** Finds a file that is there by the name that a text gives it; fails with the files among which the name does not tell. */
export type FindNamed = (name: string) => Result.Result<string | undefined, ReadonlyArray<string>>

/** Finds files by their names: as they are spelled, else by `pathKey`. */
export const namedAmong = (there: Iterable<string>): FindNamed => {
  const [exact, alike] = [new Set<string>(), new Map<string, Array<string>>()]
  for (const path of there) {
    exact.add(path)
    const others = alike.get(pathKey(path))
    if (others === undefined) alike.set(pathKey(path), [path])
    else others.push(path)
  }
  return (name) => {
    if (exact.has(name)) return Result.succeed(name)
    const found = alike.get(pathKey(name)) ?? []
    return found.length > 1 ? Result.fail(found) : Result.succeed(found[0])
  }
}

/** What systems leave in folders: Windows, archives of macOS, network drives. */
const leftBehind = ["thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "@eadir"]

/** Whether a file or folder is hidden by its name, or one that systems keep in folders for themselves. */
export const isLeftBehind = (name: string): boolean => name.startsWith(".") || leftBehind.includes(name.toLowerCase())

const longestFolderName = 100

/** Any text as the name of a folder: of letters, digits, `_`, `-` and dots, not hidden, and none that leads elsewhere (`..`). */
export const folderNameOf = (name: string): string =>
  name
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, longestFolderName) || "unnamed"
