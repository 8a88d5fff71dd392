import * as Result from "effect/Result"
import * as SchemaAST from "effect/SchemaAST"
import { own } from "../record/own.ts"
import { SettingsError } from "../settings/SettingsError.ts"
import { ExperimentSettings } from "./ExperimentSettings.ts"

/** JSON objects: what a settings file holds, whole or in part. */
export type SettingsJson = { readonly [field: string]: unknown }

/** What the elements of an array are called in a path. */
const ELEMENT = "*"

/**
 * The paths of all settings that there are for a model, data and training of the kinds that `json` names, those that may be
 * left out among them: `training.shards`, `model.latentPlan.*.mean`. What holds others has a path as well (`model`).
 */
export const settingPaths = (json: SettingsJson): ReadonlyArray<string> => [
  ...new Set(pathsBelow(ExperimentSettings.ast, json, ""))
]

/** Whether a setting of this path (`model.latentPlan.0.mean`) is among the paths. */
export const isSettingPath = (path: string, paths: ReadonlyArray<string>): boolean =>
  paths.includes(path.replaceAll(/(?<=\.)\d+(?=\.|$)/g, ELEMENT))

/**
 * Of changes that were laid over settings (`changedBy`): fails with a `SettingsError` for a `null` that takes away what is no setting. Nothing
 * is left of it that decoding could find misspelt.
 */
export const checkRemovals = (changes: SettingsJson, after: SettingsJson): Result.Result<void, SettingsError> => {
  const paths = settingPaths(after)
  const field = removedPaths(changes, "").find((path) => !isSettingPath(path, paths))
  return field === undefined
    ? Result.void
    : Result.fail(new SettingsError({ field, problem: "there is no such setting" }))
}

const removedPaths = (json: unknown, path: string): ReadonlyArray<string> => {
  if (json === null) return [path]
  if (typeof json !== "object" || Array.isArray(json)) return []
  return Object.entries(json).flatMap(([name, value]) => removedPaths(value, path === "" ? name : `${path}.${name}`))
}

/** At most three of the paths that someone who typed `path` may have meant: of the same last name, or nearly the same. */
export const nearestPaths = (path: string, paths: ReadonlyArray<string>): ReadonlyArray<string> => {
  const wanted = lastName(path)
  const named = paths.filter((known) => lastName(known) !== ELEMENT)
  const distances = named.map((known) => {
    const names = distance(lastName(known).toLowerCase(), wanted.toLowerCase())
    return { known, names, whole: distance(known.toLowerCase(), path.toLowerCase()) }
  })
  return distances
    .filter(({ names, whole }) => names <= Math.max(1, wanted.length / 3) || whole <= Math.max(2, path.length / 5))
    .toSorted((a, b) => Math.min(a.names, a.whole) - Math.min(b.names, b.whole) || a.whole - b.whole)
    .slice(0, 3)
    .map(({ known }) => known)
}

/** The fields of a class stand in what it is made from. */
const withFields = (ast: SchemaAST.AST): SchemaAST.AST => {
  const from = SchemaAST.isDeclaration(ast) ? ast.encoding?.[0].to : undefined
  return from === undefined ? ast : withFields(from)
}

const fieldOf = (json: unknown, name: string): unknown =>
  typeof json === "object" && json !== null ? own<unknown>({ ...json }, name) : undefined

const pathsBelow = (schema: SchemaAST.AST, json: unknown, path: string): ReadonlyArray<string> => {
  const ast = withFields(schema)
  const below = (name: string, type: SchemaAST.AST) => {
    const inner = path === "" ? name : `${path}.${name}`
    return [inner, ...pathsBelow(type, fieldOf(json, name), inner)]
  }
  if (SchemaAST.isObjects(ast)) {
    return ast.propertySignatures.flatMap(({ name, type }) => below(String(name), type))
  }
  if (SchemaAST.isArrays(ast)) return [...ast.elements, ...ast.rest].flatMap((type) => below(ELEMENT, type))
  if (!SchemaAST.isUnion(ast)) return []
  const ofKind = ast.types.filter((member) => isOfKind(member, json))
  return (ofKind.length > 0 ? ofKind : ast.types).flatMap((member) => pathsBelow(member, json, path))
}

/** Whether a member of a union is the one that JSON says it is, by its `kind` or `objective`. */
const isOfKind = (member: SchemaAST.AST, json: unknown): boolean => {
  const ast = withFields(member)
  return (
    SchemaAST.isObjects(ast) &&
    ast.propertySignatures.some(
      ({ name, type }) => SchemaAST.isLiteral(type) && type.literal === fieldOf(json, String(name))
    )
  )
}

const lastName = (path: string): string => path.split(".").at(-1) ?? path

/** How many letters have to be changed, put in or left out (Levenshtein). */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const [left = 0, above = 0, corner = 0] = [next[j - 1], row[j], row[j - 1]]
      next.push(Math.min(left + 1, above + 1, corner + (from[i - 1] === to[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}
