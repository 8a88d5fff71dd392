/** What an expression is for within an update: what a model computes, the derivatives of that, what an optimizer makes of those. */
export const parts = ["forward", "backward", "update"] as const

/** One of `parts`. */
export type Part = (typeof parts)[number]

/** A function that was being called when an expression was made. */
export interface Call {
  /** Left out where the function has no name. */
  readonly name?: string
  /** A path, as the engine that runs the code names it. */
  readonly file: string
  /** Where in it the next call is, or the expression, from 1 on. */
  readonly line: number
}

/** Where an expression was written. */
export interface Origin {
  readonly part: Part
  /** The calls that led to it, the outermost first; the last is the line that wrote it. The language's own functions are left out. */
  readonly calls: ReadonlyArray<Call>
}

/** What may know where it was written: expressions. */
interface Written {
  readonly origin?: Origin
}

/** The same expression as one that knows where it was written, and so do all that are made of it. */
export const traced = <A extends Written>(expression: A): A => ({
  ...expression,
  origin: { part: "forward", calls: [] } satisfies Origin
})

/**
 * Where an expression of these inputs is being written, looked up in the stack of calls; `undefined` unless one of them is `traced`,
 * so that nothing is looked up otherwise. What a rewriting makes was written where its inputs were.
 */
export const originHere = (inputs: ReadonlyArray<Written>): Origin | undefined => {
  for (const { origin } of inputs) if (origin !== undefined) return originOf(stackHere(), inputs)
  return undefined
}

// Far more calls than any model is deep; the engine's own limit, which is set back at once, is 10.
const mostCalls = 200

const stackHere = (): string => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = mostCalls
  const { stack = "" } = new Error()
  Error.stackTraceLimit = limit
  return stack
}

const pathOf = (url: string): string => url.replace(/^file:\/\//, "")
/** This folder, and the one that it lies in. */
const language = pathOf(import.meta.url).replace(/[^/]*$/, "")
const domain = language.replace(/[^/]*\/$/, "")
const rewriting = `${language}rewrite/`
/** Whatever called this file has called a program's step. */
const programMaker = /^program\/Program\.[jt]s$/

/** The calls that lead here, the innermost first; the language's own functions are left out. */
export const callsHere = (): ReadonlyArray<Call> =>
  stackHere()
    .split("\n")
    .flatMap((text) => callIn(text) ?? [])
    .filter(({ file }) => !file.startsWith(language))

const originOf = (stack: string, inputs: ReadonlyArray<Written>): Origin | undefined => {
  const calls: Array<Call> = []
  for (const text of stack.split("\n")) {
    const call = callIn(text)
    if (call === undefined) continue
    if (call.file.startsWith(rewriting)) return inherited(inputs)
    if (call.file.startsWith(language)) continue
    if (programMaker.test(libraryPath(call.file) ?? "")) break
    calls.push(call)
  }
  const [innermost] = calls
  const part = innermost !== undefined && isUpdate(libraryPath(innermost.file) ?? "") ? "update" : "forward"
  return { part, calls: calls.reverse() }
}

/** Where within this library's pure part a file lies, such as `attention/window.ts`; `undefined` of any other. */
export const libraryPath = (file: string): string | undefined =>
  file.startsWith(domain) ? file.slice(domain.length) : undefined

/** Optimizers and averages, and the library's functions that apply them. */
const isUpdate = (file: string): boolean => file.startsWith("optim/") || file.startsWith("program/")

const callIn = (text: string): Call | undefined => {
  const [, name, place, line] = /^\s+at (?:(.*?) \()?(.*?):(\d+):\d+\)?$/.exec(text) ?? []
  if (place === undefined || line === undefined || place.startsWith("node:")) return undefined
  const last = name?.split(".").at(-1)
  const known = last === undefined || /[<[]/.test(last) ? {} : { name: last }
  return { ...known, file: pathOf(place), line: Number(line) }
}

/** What joins parts of a forward and a backward pass belongs to the latter. What was given, and what an update made, tell nothing. */
const inherited = (inputs: ReadonlyArray<Written>): Origin | undefined => {
  const origins = inputs.flatMap(({ origin }) => (origin === undefined ? [] : [origin]))
  const written = origins.filter(({ part, calls }) => calls.length > 0 && part !== "update")
  return written.find(({ part }) => part === "backward") ?? written[0] ?? origins.at(-1)
}
