import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** A variable of the environment, if it is set to something. */
export const environmentVariable = (name: string): Effect.Effect<Option.Option<string>> =>
  Effect.gen(function* () {
    return yield* Config.option(Config.String(name))
  }).pipe(
    // The configuration can only fail where a source other than the environment is unsound: as if it said nothing.
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.map(Option.filter((text) => text.trim() !== ""))
  )
