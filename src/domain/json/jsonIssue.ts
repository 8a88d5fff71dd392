/** What a JSON text may hold beside being JSON. */
export interface JsonLimits {
  /** How deep arrays and objects may lie in one another; `[[1]]` is two deep. */
  readonly depth: number
  /** Whether `__proto__` may be a key: only for readers that never assign by name. */
  readonly protoKeys: boolean
}

/**
 * What a JSON text must not hold, in words, or `undefined`: a key that occurs twice in one object, the key `__proto__`, or
 * more depth than is allowed. `JSON.parse` silently keeps the last of two equal keys, so a damaged or hostile text could
 * say one thing to a careful reader and another to us; and what walks its result recursively would overflow the stack.
 * The text must already have been accepted by `JSON.parse`; keys are compared after their escapes are resolved. Linear.
 */
export const jsonIssue = (json: string, { depth, protoKeys }: JsonLimits): string | undefined => {
  /** The keys so far of each object that is open, innermost last; `undefined` for an array. */
  const open: Array<Set<string> | undefined> = []
  let at = 0
  while (at < json.length) {
    const character = json[at]
    if (character === '"') {
      const end = endOfString(json, at)
      if (isKey(json, end)) {
        const key: string = JSON.parse(json.slice(at, end))
        const keys = open.at(-1)
        if (keys?.has(key)) return `the key ${shown(key)} stands twice in one object`
        if (key === "__proto__" && !protoKeys) return "__proto__ must not be a key"
        keys?.add(key)
      }
      at = end
      continue
    }
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined)
      if (open.length > depth) return `it is nested more than ${depth} deep`
    }
    if (character === "}" || character === "]") open.pop()
    at++
  }
  return undefined
}

const longestShown = 80

const shown = (key: string): string =>
  JSON.stringify(key.length > longestShown ? `${key.slice(0, longestShown)}…` : key)

/** The position after the closing quote of the string that starts at `start`. */
const endOfString = (json: string, start: number): number => {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1
  return at + 1
}

/** In JSON a string is a key exactly if a colon follows it. */
const isKey = (json: string, end: number): boolean => {
  let at = end
  while (json[at] === " " || json[at] === "\n" || json[at] === "\t" || json[at] === "\r") at++
  return json[at] === ":"
}
