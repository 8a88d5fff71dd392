import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/**
 * A schema for JSON objects in which `field` says of which kind they are, `value` where there is no such field: for settings
 * that were written before there was a choice. What is encoded always says it.
 */
export const withDefaultTag = <S extends Schema.Top>(field: string, value: string, schema: S) =>
  Schema.Unknown.pipe(
    Schema.decodeTo(Schema.Unknown, {
      decode: SchemaGetter.transform((json) => withField(json, field, value)),
      encode: SchemaGetter.passthrough()
    }),
    Schema.decodeTo(schema, {
      decode: SchemaGetter.passthrough({ strict: false }),
      encode: SchemaGetter.passthrough({ strict: false })
    })
  )

const withField = (json: unknown, field: string, value: string): unknown =>
  typeof json === "object" && json !== null && !Array.isArray(json) && !Object.hasOwn(json, field)
    ? { [field]: value, ...json }
    : json
