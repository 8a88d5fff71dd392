import * as Result from "effect/Result"
import { parseJson } from "../json/parseJson.ts"
import { unheldNumber } from "../json/unheldNumber.ts"
import type { SettingsJson } from "./presets.ts"

/** A setting to be changed: its path, and its value as JSON; `null` takes away one that may be left out. */
export interface Assignment {
  readonly path: string
  readonly value: unknown
}

/**
 * Reads `path=value`: names with dots between them, indices of an array among them (`a.0`, or `a[0]`), and a value in JSON; what
 * is no JSON is a text as it is (`dataset.crop=centre`). Fails in words that go behind a colon.
 */
export const parseAssignment = (text: string): Result.Result<Assignment, string> => {
  const [given = "", ...values] = text.split("=")
  const path = given.trim().replaceAll(/\[(\d+)\]/g, ".$1")
  const names = path.split(".")
  if (values.length === 0 || names.some((name) => name === "")) {
    return Result.fail(`expected path=value, such as model.glimpses=8, not ${JSON.stringify(text)}`)
  }
  const value = values.join("=")
  const json = parseJson(value)
  if (Result.isSuccess(json)) {
    const unheld = unheldNumber(value)
    return unheld === undefined
      ? Result.succeed({ path, value: json.success })
      : Result.fail(`the value of ${path}: ${unheld.problem}`)
  }
  // What begins as JSON was meant as such.
  return /^\s*["[{]/.test(value)
    ? Result.fail(`the value of ${path} is ${json.failure}`)
    : Result.succeed({ path, value })
}

/**
 * Settings with one changed. Where a `kind` or an `objective` becomes another, the fields beside it go: they mean nothing to
 * it. What does not exist yet is made; whether it may exist is for the settings' schema to say. Fails in words for an
 * element that an array does not have, and for what lies below a value that holds nothing.
 */
export const withSetting = (json: SettingsJson, { path, value }: Assignment): Result.Result<SettingsJson, string> =>
  Result.map(changed(json, path.split("."), value), (whole) => (isRecord(whole) ? whole : json))

const isRecord = (value: unknown): value is SettingsJson =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const changed = (
  under: unknown,
  [name, ...names]: ReadonlyArray<string>,
  value: unknown
): Result.Result<unknown, string> => {
  if (name === undefined) return Result.succeed(value)
  if (Array.isArray(under)) return changedElement(under, name, names, value)
  if (under !== undefined && !isRecord(under)) return Result.fail(`${JSON.stringify(under)} has no "${name}"`)
  const fields = new Map(Object.entries(under ?? {}))
  if (names.length > 0) {
    return Result.map(changed(fields.get(name), names, value), (inner) => Object.fromEntries(fields.set(name, inner)))
  }
  if (value === null) {
    fields.delete(name)
    return Result.succeed(Object.fromEntries(fields))
  }
  const another = (name === "kind" || name === "objective") && fields.get(name) !== value
  return Result.succeed(another ? { [name]: value } : Object.fromEntries(fields.set(name, value)))
}

const changedElement = (
  under: ReadonlyArray<unknown>,
  name: string,
  names: ReadonlyArray<string>,
  value: unknown
): Result.Result<unknown, string> => {
  const index = /^\d+$/.test(name) ? Number(name) : Number.NaN
  // One behind the last is a new one.
  if (!(index <= under.length)) {
    return Result.fail(`there is no element ${name} in an array of ${under.length}`)
  }
  if (names.length === 0 && value === null) return Result.succeed(under.toSpliced(index, 1))
  return Result.map(changed(under[index], names, value), (inner) => under.toSpliced(index, 1, inner))
}
