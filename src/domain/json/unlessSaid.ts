/**
 * A JSON object with a field added in front if it has none of that name: for settings that were written before there was a
 * choice. Anything else is returned as it is.
 */
export const unlessSaid =
  (field: string, value: string) =>
  (json: unknown): unknown =>
    typeof json === "object" && json !== null && !Array.isArray(json) && !Object.hasOwn(json, field)
      ? { [field]: value, ...json }
      : json
