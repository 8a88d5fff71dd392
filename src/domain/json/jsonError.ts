/** Where a text stops being JSON, and what is there, in a sentence for whoever wrote it. */
export interface JsonError {
  /** Index into the text; its length if the text ends too early. */
  readonly at: number
  readonly problem: string
}

type Place = "value" | "value or end" | "key" | "key or end" | "colon" | "comma"

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy
const SPACE = /[ \t\n\r]*/y

/**
 * The first fault of a text that is not JSON, or `undefined` for one that is. `JSON.parse` says as much of some faults in the
 * words of its engine, of others where they were noticed; this names what people write: comments, commas too many or
 * too few, other quotation marks, names without them, the path of a Windows folder. Linear, and not recursive.
 */
export const jsonError = (text: string): JsonError | undefined => {
  /** The brackets that are open, innermost last. */
  const open: Array<{ readonly bracket: "{" | "["; readonly at: number }> = []
  let place: Place = "value"
  let at = 0
  for (;;) {
    at = endOf(SPACE, text, at)
    const innermost = open.at(-1)
    if (place === "comma" && innermost === undefined) {
      return at === text.length
        ? undefined
        : { at, problem: mistaken(text, at) ?? "something follows the end of the JSON" }
    }
    const letter = text[at]
    if (letter === undefined)
      return { at, problem: innermost === undefined ? "the file is empty" : unclosed(text, innermost) }
    if (place === "comma" || place === "value or end" || place === "key or end") {
      if (letter === (innermost?.bracket === "{" ? "}" : "]")) {
        open.pop()
        place = "comma"
        at++
        continue
      }
    }
    if (place === "comma") {
      if (letter !== ",")
        return { at, problem: mistaken(text, at) ?? beforeThis(text, at, "a comma is missing before it") }
      const next = endOf(SPACE, text, at + 1)
      if (text[next] === "}" || text[next] === "]") {
        return { at, problem: `a comma too many before the ${text[next]}: remove it` }
      }
      place = innermost?.bracket === "{" ? "key" : "value"
      at++
      continue
    }
    if (place === "colon") {
      if (letter !== ":") return { at, problem: mistaken(text, at) ?? 'a ":" is missing behind the name' }
      place = "value"
      at++
      continue
    }
    if (letter === '"') {
      const end = endOfString(text, at)
      if (typeof end !== "number") return end
      place = place.startsWith("key") ? "colon" : "comma"
      at = end
      continue
    }
    if (place === "key" || place === "key or end") {
      return { at, problem: mistaken(text, at) ?? beforeThis(text, at, "names stand in double quotation marks") }
    }
    if (letter === "{" || letter === "[") {
      open.push({ bracket: letter, at })
      place = letter === "{" ? "key or end" : "value or end"
      at++
      continue
    }
    const end = endOfPlain(text, at)
    if (end === undefined) return { at, problem: mistaken(text, at) ?? notAValue(text, at) }
    place = "comma"
    at = end
  }
}

const endOf = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return at + (pattern.exec(text)?.[0].length ?? 0)
}

/** The end of a number or a word that JSON knows. */
const endOfPlain = (text: string, at: number): number | undefined => {
  const word = ["true", "false", "null"].find((known) => text.startsWith(known, at))
  const end = word === undefined ? endOf(NUMBER, text, at) : at + word.length
  // 007, 1.5.2, 0x10, nullable.
  return end === at || /[\p{L}\p{N}._$+-]/u.test(text[end] ?? "") ? undefined : end
}

const endOfString = (text: string, start: number): number | JsonError => {
  for (let at = start + 1; ; at++) {
    const letter = text[at]
    if (letter === '"') return at + 1
    if (letter === undefined || letter === "\n" || letter === "\r") {
      return { at: start, problem: "a text in quotation marks does not end in its line" }
    }
    if (letter < " ")
      return {
        at,
        problem: `${named(letter)} within quotation marks is written as ${letter === "\t" ? "\\t" : "\\u…"}`
      }
    if (letter !== "\\") continue
    const escaped = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))
    if (escaped === null) {
      return {
        at,
        problem: `a \\ stands before ${named(text[at + 1] ?? "")}: in JSON a \\ is written \\\\, and in paths / does as well`
      }
    }
    at += escaped[0].length
  }
}

/** What people write that JSON does not have. */
const mistaken = (text: string, at: number): string | undefined => {
  const letter = text[at] ?? ""
  if (text.startsWith("//", at) || text.startsWith("/*", at) || letter === "#") {
    return "a comment; JSON has none: remove it"
  }
  if (letter === ",") return "a comma too many: remove it"
  if (/['‘’‚‛“”„‟`«»″]/.test(letter)) return `texts stand in double quotation marks ("), not in ${named(letter)}`
  if (/[\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]/.test(letter)) {
    return `a character that cannot be seen, ${named(letter)}: remove it`
  }
  return undefined
}

const notAValue = (text: string, at: number): string => {
  const shown = shownFrom(text, at)
  if (shown.startsWith('"NaN') || /^"[+-]?Inf/.test(shown)) return `${shown} is no number in JSON`
  if (/^"(True|False|None)"/.test(shown)) return `${shown} is Python's: JSON has true, false and null`
  return `expected a value, found ${shown}`
}

const beforeThis = (text: string, at: number, problem: string): string => `${shownFrom(text, at)}: ${problem}`

const unclosed = (text: string, { bracket, at }: { readonly bracket: string; readonly at: number }): string =>
  `the text ends, but the ${bracket} of line ${placeOf(text, at).line} is not closed`

/** The word that begins here, or the letter, in quotation marks. */
const shownFrom = (text: string, at: number): string => {
  const end = Math.max(endOf(WORD, text, at), endOf(/[\p{N}+.-][\p{L}\p{N}_.+-]*/uy, text, at))
  return JSON.stringify(text.slice(at, Math.min(Math.max(end, at + 1), at + 40)))
}

/** A letter that might not be seen, or be taken for another: by its code point as well. */
const named = (letter: string): string => {
  const code = `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`
  if (letter === "") return "the end of the text"
  return letter > " " && letter < "\u007f" ? letter : /[\p{L}\p{P}]/u.test(letter) ? `${letter} (${code})` : code
}

/** Line and column, from 1, of a place in a text. */
export const placeOf = (text: string, at: number): { readonly line: number; readonly column: number } => {
  const before = text.slice(0, at)
  const start = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1
  return { line: before.split(/\r\n?|\n/).length, column: at - start + 1 }
}
