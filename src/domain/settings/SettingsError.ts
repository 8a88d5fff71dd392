import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"

/** Settings that are wrong by themselves, or do not fit the data or another run's. */
export class SettingsError extends Schema.TaggedError<SettingsError>()("SettingsError", {
  /** Path of the field at fault, such as `model.filters`. */
  field: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.field}: ${this.problem}`
  }
}

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
  const faults = describeIssues(ofLikeliest(issue)).issues.map(({ path = [], message }) => {
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

/**
 * An issue without what is wrong with the alternatives that nobody meant: of those of a union the one whose keys are nearest to
 * those that were given, as a person would read it.
 */
const ofLikeliest = (issue: SchemaIssue.Issue): SchemaIssue.Issue => {
  switch (issue._tag) {
    case "AnyOf": {
      const [first, ...others] = issue.issues.map(ofLikeliest)
      // Where none takes a value of this kind the union itself says what it takes.
      if (first === undefined) return issue
      return others.reduce((best, other) => (strangeKeys(other) < strangeKeys(best) ? other : best), first)
    }
    case "Composite": {
      const [first, ...others] = issue.issues
      return new SchemaIssue.Composite(issue.ast, [ofLikeliest(first), ...others.map(ofLikeliest)])
    }
    case "Encoding":
      return new SchemaIssue.Encoding(issue.ast, ofLikeliest(issue.issue))
    case "Pointer":
      return new SchemaIssue.Pointer(issue.path, ofLikeliest(issue.issue))
    default:
      return issue
  }
}

/** How many keys are missing or unknown right at this level. */
const strangeKeys = (issue: SchemaIssue.Issue): number => {
  if (issue._tag === "Pointer" && issue.path.length === 1) return isAboutKey(issue.issue) ? 1 : 0
  return issue._tag === "Composite" ? issue.issues.reduce((count, part) => count + strangeKeys(part), 0) : 0
}

const isAboutKey = ({ _tag }: SchemaIssue.Issue): boolean => _tag === "MissingKey" || _tag === "UnexpectedKey"

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

/**
 * What a `Schema.Class` of settings is made of, so that its constructor throws a `SettingsError` which names every field at fault,
 * what was found and what would be right: `AdamSettings.learningRate: expected a value greater than 0, not -1`. The
 * class's own error says that something failed, and not what.
 */
export const namedFields = <S extends Schema.Struct<Schema.Struct.Fields>>(name: string, struct: S): S => {
  const make = SchemaParser.make(struct)
  const value = (input: S["~type.make.in"], options?: Schema.MakeOptions): S["Type"] => {
    try {
      return make(input, { ...options, parseOptions: { errors: "all", ...options?.parseOptions } })
    } catch (error) {
      if (!(error instanceof Error) || !SchemaIssue.isIssue(error.cause)) throw error
      const { field, problem } = settingsErrorOf({ issue: error.cause }, input, "")
      throw new SettingsError({ field: field === "" ? name : `${name}.${field}`, problem })
    }
  }
  // What the class's constructor calls.
  return Object.defineProperty(struct, "make", { value, enumerable: true })
}
