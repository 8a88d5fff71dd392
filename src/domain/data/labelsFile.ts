import * as Result from "effect/Result"
import { spelledOut } from "../text/fileNames.ts"

/** The name of the file next to images that tells their classes; any letter case is taken. */
export const LABELS_FILE = "labels.csv"

const HEADER = ["file", "label"] as const
const HEADER_LINE = HEADER.join()

/** What may stand between cells: the first line shows which does. */
const SEPARATORS = [",", ";", "\t"] as const
type Separator = (typeof SEPARATORS)[number]
const separatorNames: Readonly<Record<Separator, string>> = { ",": "commas", ";": "semicolons", "\t": "tabs" }

/**
 * The labels in a `labels.csv`, by the files' paths in the folder as they are given there: a first line `file,label` in any letter
 * case, then a line for each image. Instead of commas all lines may have semicolons or tabs. Cells with separators, quotation
 * marks or line ends stand in quotation marks, as RFC 4180 has it; lines of empty cells, and empty cells at the end of a line,
 * are passed over. Labels are in Unicode's NFC. The text is as `decodeText` gives it.
 * Fails with what is wrong and in which line: another header, another number of cells, an empty cell, a file named twice, or
 * quotation marks that do not close.
 */
export const parseLabels = (text: string): Result.Result<ReadonlyMap<string, string>, string> => {
  const separator = separatorOf(text)
  const rows = parseRows(text, separator)
  if (Result.isFailure(rows)) return Result.fail(rows.failure)
  const [header, ...lines] = rows.success
  if (header === undefined) return Result.fail(`it is empty: line 1 must be "${HEADER_LINE}"`)
  if (header.cells.map((cell) => cell.trim().toLowerCase()).join() !== HEADER_LINE) {
    const found = spelledOut(header.cells.join(separator).slice(0, longestShown))
    return Result.fail(`line ${header.line} must be "${HEADER_LINE}", but is "${found}"`)
  }
  const labels = new Map<string, string>()
  for (const { line, cells } of lines) {
    const [file, label] = cells
    if (cells.length !== 2 || file === undefined || label === undefined || file === "" || label === "") {
      return Result.fail(`line ${line} is not "<path of an image>${separator}<its class>"`)
    }
    if (labels.has(file)) return Result.fail(`line ${line} names ${spelledOut(file)} once more`)
    labels.set(file, label.normalize("NFC"))
  }
  return Result.succeed(labels)
}

const longestShown = 80

/** What the first line is divided by: a tab or a semicolon where there is no comma. */
const separatorOf = (text: string): Separator => {
  const [line = ""] = text.split("\n", 1)
  return SEPARATORS.find((separator) => line.includes(separator)) ?? ","
}

interface Row {
  /** Of its beginning, from 1. */
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

/** A cell, in quotation marks or not, and what ends it. */
const cells: Readonly<Record<Separator, RegExp>> = {
  ",": /[ \t]*"([^"]*(?:""[^"]*)*)"[ \t]*(,|\n|$)|([^",\n]*)(,|\n|$)/y,
  ";": /[ \t]*"([^"]*(?:""[^"]*)*)"[ \t]*(;|\n|$)|([^";\n]*)(;|\n|$)/y,
  "\t": / *"([^"]*(?:""[^"]*)*)" *(\t|\n|$)|([^"\t\n]*)(\t|\n|$)/y
}

/** Rows of separated values; those of empty cells are passed over, and empty cells behind the second. */
const parseRows = (text: string, separator: Separator): Result.Result<ReadonlyArray<Row>, string> => {
  const rows: Array<Row> = []
  const cell = cells[separator]
  let row: Array<string> = []
  let line = 1
  let first = 1
  for (let at = 0; at < text.length || row.length > 0; ) {
    cell.lastIndex = at
    const found = cell.exec(text)
    if (found === null)
      return Result.fail(
        `line ${line} is not cells with ${separatorNames[separator]} between them: a quotation mark stands alone`
      )
    const [whole, quoted, endOfQuoted, plain = "", endOfPlain] = found
    row.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'))
    for (const letter of whole) if (letter === "\n") line++
    at += whole.length
    if ((quoted === undefined ? endOfPlain : endOfQuoted) === separator) continue
    while (row.length > HEADER.length && row.at(-1) === "") row.pop()
    if (row.some((value) => value !== "")) rows.push({ line: first, cells: row })
    row = []
    first = line
  }
  return Result.succeed(rows)
}
