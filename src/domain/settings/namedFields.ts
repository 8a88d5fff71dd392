import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaParser from "effect/SchemaParser"
import { SettingsError } from "./SettingsError.ts"
import { settingsErrorOf } from "./settingsErrorOf.ts"

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
