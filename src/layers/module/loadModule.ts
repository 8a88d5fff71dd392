import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"

/** A module of one's own that cannot be loaded, or does not export what it should. */
export class ModuleError extends Schema.TaggedError<ModuleError>()("ModuleError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

/**
 * What a module (`.ts`, `.js`, `.mjs`) exports by default, or `undefined` if it exports nothing so. Its code is run: load only what
 * the user names. Fails with a `ModuleError` that says why, in one line, if there is no such file or its code throws.
 */
export const loadModule = Effect.fn("loadModule")(function* (
  path: string
): Effect.fn.Return<unknown, ModuleError, Path.Path> {
  const { resolve, toFileUrl } = yield* Path.Path
  const url = yield* Effect.mapError(
    toFileUrl(resolve(path)),
    () => new ModuleError({ path, problem: "this is no path of a file" })
  )
  const loaded: unknown = yield* Effect.tryPromise({
    try: () => import(url.href),
    catch: (cause) => new ModuleError({ path, problem: problemOf(cause, url.href) })
  })
  return typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded.default : undefined
})

const problemOf = (cause: unknown, href: string): string => {
  if (!(cause instanceof Error)) return `it throws ${String(cause)}`
  const code = "code" in cause ? cause.code : undefined
  const [line = ""] = cause.message.split("\n")
  if (code === "ERR_MODULE_NOT_FOUND") {
    return "url" in cause && cause.url === href ? "there is no such file" : `it imports what is not there: ${line}`
  }
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return /\.m?ts$/.test(href)
      ? `this Node, ${process.version}, does not read TypeScript: use Node 22.19 or newer, or give a .js file`
      : "expected a module: a file ending in .ts, .mts, .js or .mjs"
  }
  return cause instanceof SyntaxError ? `it is no module: ${line}` : `it cannot be loaded: ${cause.name}: ${line}`
}
