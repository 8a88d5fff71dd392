import { terminalTable } from "../../domain/text/terminalText.ts"

/**
 * What can be said of a file:
 * - `intact`: its bytes are covered by a digest or checksum, which holds;
 * - `readable`: it is well-formed, but nothing would show a changed byte;
 * - `damaged`: it is not what was written, or cannot be read;
 * - `not checked`: of a kind that says nothing of itself, or the file that would vouch for it is damaged;
 * - `left over`: of a process that was killed, or set aside; nothing reads it.
 */
export type FileState = "intact" | "readable" | "damaged" | "not checked" | "left over"

/** A file and its state. */
export interface FileReport {
  /** Below the folder that is verified. */
  readonly path: string
  readonly state: FileState
  /** What it is, or what is wrong with it. */
  readonly note: string
}

/** The states of a folder's files, as a table. */
export const filesTable = (files: ReadonlyArray<FileReport>): string =>
  terminalTable(files.map(({ path, state, note }) => `${state.padEnd(11)}  ${path}${note === "" ? "" : `  (${note})`}`))

/** `12 files: 9 intact, 1 damaged, 2 not checked`. */
export const filesSummary = (files: ReadonlyArray<FileReport>): string => {
  const states: ReadonlyArray<FileState> = ["intact", "readable", "damaged", "not checked", "left over"]
  const counts = states
    .map((state) => ({ state, count: files.filter((file) => file.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${state}`)
  return `${files.length} ${files.length === 1 ? "file" : "files"}: ${counts.join(", ")}`
}
