/**
 * The first key that stands twice in one object of a JSON text, or `undefined`. `JSON.parse` silently keeps the last
 * of two equal keys, so a damaged or hostile header could say one thing to a careful reader and another to us.
 * The text must already have been accepted by `JSON.parse`; keys are compared after their escapes are resolved.
 */
export const duplicateKey = (json: string): string | undefined => {
  const open: Array<Set<string>> = []
  let at = 0
  while (at < json.length) {
    const character = json[at]
    if (character === '"') {
      const end = endOfString(json, at)
      if (isKey(json, end)) {
        const key: string = JSON.parse(json.slice(at, end))
        const keys = open.at(-1)
        if (keys?.has(key)) return key
        keys?.add(key)
      }
      at = end
      continue
    }
    if (character === "{") open.push(new Set())
    if (character === "}") open.pop()
    at++
  }
  return undefined
}

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
