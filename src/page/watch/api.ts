import type { Command } from "../../domain/watch/Command.ts"
import type { Course } from "../../domain/watch/Course.ts"
import type { RunNotice, WrittenImage } from "../../domain/watch/RunFacts.ts"
import type { RunSummary } from "../../domain/watch/RunSummary.ts"

/** What the server tells of runs: those that changed, and those that went. */
export interface RunNews {
  readonly changed: ReadonlyArray<{ readonly summary: RunSummary; readonly version: number }>
  readonly gone: ReadonlyArray<string>
  readonly more: boolean
  readonly now: number
}

export interface RunCourse {
  readonly version: number
  readonly course: Course
  readonly notices: ReadonlyArray<RunNotice>
  readonly classes: ReadonlyArray<number> | null
}

export interface RunDetails {
  readonly settings: unknown
  readonly backend: string | null
  readonly parameters: number | null
  readonly images: ReadonlyArray<WrittenImage>
  readonly others: ReadonlyArray<string>
  readonly notes: string
}

const addressOf = (path: string, parameters: Readonly<Record<string, string | number>>): string =>
  `${path}?${new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]))}`

/** Fails with what the server says is wrong. */
const asked = async <A>(address: string, options: RequestInit = {}): Promise<A> => {
  const answer = await fetch(address, options)
  const body = await answer.json()
  if (!answer.ok) throw new Error(typeof body?.problem === "string" ? body.problem : `status ${answer.status}`)
  return body
}

const posted = (address: string, body: unknown): Promise<unknown> =>
  asked(address, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })

export const fetchCourse = (run: string, most: number): Promise<RunCourse> =>
  asked(addressOf("/api/course", { run, most }))

export const fetchDetails = (run: string): Promise<RunDetails> => asked(addressOf("/api/details", { run }))

export const saveNotes = (run: string, notes: string) => posted(addressOf("/api/notes", { run }), notes)

export const sendCommand = (run: string, command: Command) => posted(addressOf("/api/command", { run }), command)

/** Where an image of a run is; `of` says which of those that had this name. */
export const imageAddress = (run: string, file: string, of: number): string =>
  addressOf("/api/image", { run, file, of })
