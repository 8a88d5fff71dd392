/** Characters of an outside text that are shown, unless another length is given. */
export const LONGEST_TEXT = 500

/** Scripts whose spelling needs joiners (U+200C, U+200D), which are invisible elsewhere. */
const joiningScripts =
  "Arabic Syriac Mongolian Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Myanmar"
const joining = joiningScripts
  .split(" ")
  .map((script) => `\\p{Script=${script}}`)
  .join("")

/** Emoji of several characters, joiners in words, and selectors of a character's variant: what is invisible in them is part of what is seen. */
const legitimate = `\\p{RGI_Emoji}|(?<=[${joining}])[\\u200c\\u200d](?=[${joining}])|(?<=[\\p{Emoji}\\p{Script=Han}])[\\ufe0e\\ufe0f\\u{e0100}-\\u{e01ef}]`

/**
 * Controls (C0, DEL, C1), what has no shape of its own (marks of direction, of zero width, fillers, tags), Unicode's line and
 * paragraph separators, halves of surrogate pairs, and code points that are no characters. Arabic number signs, which are
 * formats as well, are seen.
 */
const unsafe = "[[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}\\p{NChar}\\p{DI}]--[\\u0600-\\u0605\\u06dd\\u070f\\u08e2]]"

// Not literals: the compiler's target does not know the flag `v` yet, which Node does.
const hazards = new RegExp(`(${legitimate})|${unsafe}`, "gv")

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"]
])

/** As JSON writes it, so that JSON stays JSON, with the same meaning. */
const escaped = (character: string): string =>
  shortEscapes.get(character) ??
  Array.from({ length: character.length }, (_, at) => {
    const unit = character.charCodeAt(at).toString(16)
    return `\\u${unit.padStart(4, "0")}`
  }).join("")

const withoutHazards = (text: string): string =>
  text.replaceAll(hazards, (character: string, harmless: string | undefined) => harmless ?? escaped(character))

/**
 * Text from outside (a file's name, a label, a value of settings, the words of another program) as a terminal may show it: one
 * line in which nothing moves the cursor, changes colours or titles, turns the direction of reading, or cannot be seen.
 * Such characters are written as JSON writes them, `\n` or `\u001b`; letters and emoji of all languages stay. Of a text of more than `longest`
 * characters the middle is left out. Not for HTML, whose own escaping is `html`.
 */
export const terminalText = (text: string, longest: number = LONGEST_TEXT): string =>
  withoutHazards(shortened(text, longest))

/** Messages of several sentences: those that list what was found. */
const LONGEST_MESSAGE = 4000

/**
 * A message that may quote outside texts, as a terminal may show it. Its own line breaks stay, but what follows one is
 * indented: no line but the first begins at the margin, so that none can pass for a message of its own.
 */
export const terminalMessage = (message: string): string =>
  shortened(message.trimEnd(), LONGEST_MESSAGE)
    .split(/\r?\n/)
    .map((line, index) => (index === 0 ? "" : "  ") + withoutHazards(line))
    .join("\n")

/** Colours and weights of letters (ECMA-48 SGR), as the help of the command line has them. */
const coloured = new RegExp(`(${"\u001b"}\\[[\\d;]*m)`)

/**
 * Lines of our own making for a terminal, whatever was forgotten to be made safe in them: line breaks and colours stay, all other
 * hazards are written as `terminalText` writes them. JSON stays JSON, with the same meaning.
 */
export const terminalLines = (text: string): string =>
  text
    .split("\n")
    .map((line) =>
      line
        .split(coloured)
        .map((part, index) => (index % 2 === 1 ? part : withoutHazards(part)))
        .join("")
    )
    .join("\n")

/**
 * Lines as one text for a terminal: a row of a table, or whatever else holds names from outside, stays one line whatever is in
 * it, so that no name can forge a row.
 */
export const terminalTable = (lines: ReadonlyArray<string>): string => lines.map(withoutHazards).join("\n")

/** Text in quotes (`"a\nb"`), for messages in which the border of a name must be seen; otherwise as `terminalText`. */
export const quotedText = (text: string, longest: number = LONGEST_TEXT): string =>
  withoutHazards(JSON.stringify(shortened(text, longest)))

/** The beginning and the end of a text that is too long. */
const shortened = (text: string, longest: number): string => {
  if (text.length <= longest) return text
  const half = Math.floor(longest / 2)
  const [first, last] = [text.slice(0, half), text.slice(-half)]
  // Half a surrogate pair at the cut is of our own making.
  return `${first.replace(/[\ud800-\udbff]$/, "")}… (${text.length} characters) …${last.replace(/^[\udc00-\udfff]/, "")}`
}
