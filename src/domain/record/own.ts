/**
 * What a record holds under a name, or `undefined`. Not `record[name]`, which finds what every object inherits under names
 * such as `constructor`, `toString` and `__proto__`; names come out of files and programs, and may be any of these.
 */
export const own = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
