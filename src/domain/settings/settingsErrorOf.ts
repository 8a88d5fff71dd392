import * as SchemaIssue from "effect/SchemaIssue"
import { SettingsError } from "./SettingsError.ts"

const describeLeaf: SchemaIssue.LeafHook = (issue) => {
  switch (issue._tag) {
    case "UnexpectedKey":
      return "there is no such setting"
    case "MissingKey":
      return "is missing"
    default:
      return SchemaIssue.defaultLeafHook(issue)
  }
}
const describeIssues = SchemaIssue.makeFormatterStandardSchemaV1({ leafHook: describeLeaf })

/**
 * What a schema found wrong with JSON, as one error on one line: the first fault's path is its `field`, and the others
 * follow in its `problem`. `whole` stands for the path of a fault of the whole.
 */
export const settingsErrorOf = (
  { issue }: { readonly issue: SchemaIssue.Issue },
  json: unknown,
  whole: string
): SettingsError => {
  const faults = describeIssues(issue).issues.map(({ path = [], message }) => {
    const keys = path.map((key) => (typeof key === "object" ? key.key : key))
    const [line = message] = message.split("\n")
    const saysWhat = /^(Expected|must lie) /.test(line)
    const sentence = saysWhat ? `${lowerFirst(line)}${insteadOf(valueAt(json, keys))}` : line
    return { field: keys.length === 0 ? whole : keys.map(String).join("."), problem: sentence }
  })
  const [first = { field: whole, problem: "not valid" }, ...others] = faults
  const named = others.slice(0, mostNamed).map(({ field, problem }) => `; ${shortened(field)}: ${problem}`)
  const rest = `${named.join("")}${others.length > mostNamed ? `; and ${others.length - mostNamed} more` : ""}`
  return new SettingsError({ field: shortened(first.field), problem: `${first.problem}${rest}` })
}

/** Faults that a message names besides the first. */
const mostNamed = 20
const longestField = 200

const shortened = (field: string): string => (field.length > longestField ? `${field.slice(0, longestField)}…` : field)

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

const valueAt = (json: unknown, keys: ReadonlyArray<PropertyKey>): unknown =>
  keys.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined,
    json
  )

const longestValue = 40

// Whole objects and long texts would hide the message.
const insteadOf = (value: unknown): string => {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? ", not an array" : ", not an object"
  // JSON has no NaN and no infinities.
  const text = typeof value === "number" ? String(value) : JSON.stringify(value)
  return text === undefined || text.length > longestValue ? "" : `, not ${text}`
}
