/**
 * What a record holds under a name, or `undefined`. Not `record[name]`, which finds what every object inherits under names
 * such as `constructor`, `toString` and `__proto__`; names come out of files and programs, and may be any of these.
 */
export const own = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** What a record of known names holds under one of them. Throws a `RangeError` if it does not, which its type says cannot be. */
export const held = <K extends string, A>(record: Readonly<Record<K, A>>, name: K): A => {
  if (!Object.hasOwn(record, name)) throw new RangeError(`there is no "${name}", but ${Object.keys(record).join(", ")}`)
  return record[name]
}
