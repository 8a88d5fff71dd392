import type * as Schema from "effect/Schema"

/** A setting's path and what it is in each experiment; `undefined` where there is no such setting. */
export interface SettingsRow {
  readonly path: string
  readonly values: ReadonlyArray<string | undefined>
}

/** The settings that determine what is computed: not the name, not the seed, not how often a run reports. */
const isDecisive = (path: string): boolean => !/^(name$|seed$|reporting\b)/.test(path)

/** Settings laid side by side by their paths, in the order in which they first occur; those that differ, or those that do not. */
export const comparedSettings = (
  settings: ReadonlyArray<Schema.Json>
): { readonly different: ReadonlyArray<SettingsRow>; readonly common: ReadonlyArray<SettingsRow> } => {
  const flat = settings.map((json) => new Map(leavesOf(json, "")))
  const paths = [...new Set(flat.flatMap((leaves) => [...leaves.keys()]))].filter(isDecisive)
  const rows = paths.map((path) => ({ path, values: flat.map((leaves) => leaves.get(path)) }))
  const differs = ({ values }: SettingsRow): boolean => values.some((value) => value !== values[0])
  return { different: rows.filter(differs), common: rows.filter((row) => !differs(row)) }
}

const leavesOf = (json: Schema.Json, path: string): ReadonlyArray<readonly [path: string, value: string]> => {
  if (typeof json !== "object" || json === null) return [[path, typeof json === "string" ? json : JSON.stringify(json)]]
  if (Array.isArray(json)) return [[path, JSON.stringify(json)]]
  return Object.entries(json).flatMap(([field, value]) => leavesOf(value, path === "" ? field : `${path}.${field}`))
}
