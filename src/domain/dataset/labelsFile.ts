import * as Result from "effect/Result"

/** The name of the file beside pictures that tells their classes. */
export const LABELS_FILE = "labels.csv"

const HEADER = ["file", "label"]

/**
 * The labels in a `labels.csv`, by the files' paths in the folder: a first line `file,label`, then a line for each picture. Cells
 * with commas, quotation marks or line ends stand in quotation marks, as RFC 4180 has it. Fails with what is wrong and in
 * which line: another header, another number of cells, an empty cell, a file named twice, or quotation marks that do not close.
 */
export const parseLabels = (text: string): Result.Result<ReadonlyMap<string, string>, string> => {
  const rows = parseRows(text.startsWith("\ufeff") ? text.slice(1) : text)
  if (Result.isFailure(rows)) return Result.fail(rows.failure)
  const [header, ...lines] = rows.success
  if (header === undefined || header.cells.join() !== HEADER.join()) {
    return Result.fail(`line 1 is not "${HEADER.join()}"`)
  }
  const labels = new Map<string, string>()
  for (const { line, cells } of lines) {
    const [file, label] = cells
    if (cells.length !== 2 || file === undefined || label === undefined || file === "" || label === "") {
      return Result.fail(`line ${line} is not "<path of a picture>,<its class>"`)
    }
    if (labels.has(file)) return Result.fail(`line ${line} names ${file} once more`)
    labels.set(file, label)
  }
  return Result.succeed(labels)
}

interface Row {
  /** Of its beginning, from 1. */
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

/** A cell, in quotation marks or not, and what ends it. */
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n|$)/y

/** Rows of comma-separated values; empty lines are passed over. */
const parseRows = (text: string): Result.Result<ReadonlyArray<Row>, string> => {
  const rows: Array<Row> = []
  let cells: Array<string> = []
  let line = 1
  let first = 1
  for (let at = 0; at < text.length || cells.length > 0; ) {
    CELL.lastIndex = at
    const found = CELL.exec(text)
    if (found === null)
      return Result.fail(`line ${line} is not cells with commas between them: a quotation mark stands alone`)
    const [whole, quoted, plain = "", end] = found
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'))
    for (const letter of whole) if (letter === "\n") line++
    at += whole.length
    if (end === ",") continue
    if (cells.length > 1 || cells[0] !== "") rows.push({ line: first, cells })
    cells = []
    first = line
  }
  return Result.succeed(rows)
}
