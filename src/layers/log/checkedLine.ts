import { crc32 } from "node:zlib"

const CHECK = /,"check":"([0-9a-f]{8})"\}$/

/** The length of what `CHECK` matches. */
const CHECK_CHARACTERS = 21

const checkOf = (body: string): string => crc32(body).toString(16).padStart(8, "0")

/**
 * A JSON object that is not empty, as one line with a last field `check`: the CRC-32 of the line up to there, in
 * hexadecimal. A CRC of 32 bits notices every change of a single byte.
 */
export const checkedLine = (json: object): string => {
  const body = JSON.stringify(json).slice(0, -1)
  return `${body},"check":"${checkOf(body)}"}`
}

/** What a line of a log is: one with a check that holds or does not, or one without. */
export type LineState = "checked" | "damaged" | "unchecked"

/** A line's state, and its JSON without the check. */
export const openLine = (line: string): { readonly state: LineState; readonly json: string } => {
  const start = Math.max(0, line.length - CHECK_CHARACTERS)
  const check = CHECK.exec(line.slice(start))
  if (check === null) return { state: "unchecked", json: line }
  const body = line.slice(0, start + check.index)
  return { state: checkOf(body) === check[1] ? "checked" : "damaged", json: `${body}}` }
}
