import { Argument, CliError, Flag } from "effect/cli"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { environmentVariable } from "./environment.ts"

/** What shells make of `~` where they see it: not behind `=` or `:`, in quotes, or in a file. */
const HOME = /^~(?=$|[/\\])/

/**
 * A path as the system takes it: a leading `~/` is the home folder. Fails with what is wrong, in a clause: another's home folder
 * (`~user`), which only shells know, or a home folder that the environment does not name.
 */
export const homePath = Effect.fnUntraced(function* (path: string): Effect.fn.Return<string, string> {
  if (!path.startsWith("~")) return path
  if (!HOME.test(path)) {
    return yield* Effect.fail(
      `a path in full: only ~/ is read as a home folder, not ~user; of a name that begins with ~ write ./${path}`
    )
  }
  const named = [yield* environmentVariable("HOME"), yield* environmentVariable("USERPROFILE")]
  const home = Option.firstSomeOf(named)
  if (Option.isNone(home)) return yield* Effect.fail("a path in full: HOME is not set, so that ~ has no meaning")
  return path.replace(HOME, () => home.value)
})

/** An empty path would mean the root folder in some places. */
const sound = (path: string) => (path.trim() === "" ? Effect.fail("a path") : homePath(path))

const invalid = (option: string, kind: "flag" | "argument") => (value: string) =>
  Effect.mapError(sound(value), (expected) => new CliError.InvalidValue({ option, value, expected, kind }))

/** A flag for the path of a file or folder. */
export const filePath = (name: string): Flag.Flag<string> =>
  Flag.String(name).pipe(Flag.mapEffect(invalid(name, "flag")))

/** An argument for the path of a file or folder. */
export const pathArgument = (name: string): Argument.Argument<string> =>
  Argument.String(name).pipe(Argument.mapEffect(invalid(name, "argument")))

/** An argument for a module's path; anything that no module is called is refused as a usage error. */
export const moduleArgument = (name: string): Argument.Argument<string> =>
  pathArgument(name).pipe(
    Argument.mapEffect((value) =>
      /\.[cm]?[jt]s$/.test(value)
        ? Effect.succeed(value)
        : Effect.fail(
            new CliError.InvalidValue({
              option: name,
              value,
              expected: "a module (a file ending in .ts, .mts, .js or .mjs)",
              kind: "argument"
            })
          )
    )
  )
