/** A number of a JSON text that no number of the program equals. */
export interface UnheldNumber {
  /** Where it is: `training.epochs`, `runs[2].seed`. */
  readonly field: string
  readonly problem: string
}

const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\],:]/g

/**
 * The first number of a JSON text that `JSON.parse` would silently make another one: a whole number that has no float64
 * (2^53 + 1 becomes 2^53), one beyond all of them (1e999 becomes infinite), or one so small that it becomes 0. The text must
 * already have been accepted by `JSON.parse`. (Fractions are rounded as always: 0.1 has no float64 either.) Linear.
 */
export const unheldNumber = (json: string): UnheldNumber | undefined => {
  /** What is open: the key that was last read of an object, the position in an array; innermost last. */
  const open: Array<string | number> = []
  let text: string | undefined
  for (const [found] of json.matchAll(token)) {
    const last = open.length - 1
    const place = open[last]
    if (found === "{") open.push("")
    else if (found === "[") open.push(0)
    else if (found === "}" || found === "]") open.pop()
    else if (found === ":") open[last] = String(text === undefined ? "" : JSON.parse(text))
    else if (found === "," && typeof place === "number") open[last] = place + 1
    else if (found.startsWith('"')) text = found
    else if (found !== ",") {
      const problem = problemOf(found)
      if (problem !== undefined) return { field: fieldOf(open), problem }
    }
  }
  return undefined
}

const fieldOf = (open: ReadonlyArray<string | number>): string =>
  open.map((place, i) => (typeof place === "number" ? `[${place}]` : `${i === 0 ? "" : "."}${place}`)).join("")

const longestShown = 40

const problemOf = (literal: string): string | undefined => {
  const value = Number(literal)
  const shown = literal.length > longestShown ? `${literal.slice(0, longestShown)}…` : literal
  if (!Number.isFinite(value)) return `${shown} is too large for a number; at most 1.797e308 can be held`
  if (value === 0 && /[1-9]/.test(literal.replace(/[eE].*/, "")))
    return `${shown} is too small for a number; it would become 0`
  const whole = literal.replace(/\.0+$/, "")
  // As a program writes it, or of that value exactly.
  if (!/^-?\d+$/.test(whole) || String(value) === whole || BigInt(whole) === BigInt(value)) return undefined
  return `${shown} cannot be held exactly; whole numbers go to ${Number.MAX_SAFE_INTEGER}`
}
