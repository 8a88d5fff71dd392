import * as Effect from "effect/Effect"
import { kindOf, loadModule, ModuleError, wordsOf } from "../../layers/module/loadModule.ts"
import type { Recipe } from "./Recipe.ts"

/** The recipe that a module exports by default. Fails with a `ModuleError` if it exports none. */
export const loadRecipe = Effect.fn("loadRecipe")(function* (path: string) {
  const exported = yield* loadModule(path)
  const failed = (problem: string) => new ModuleError({ path, problem })
  // What is exported may be anything, and throw when it is looked at.
  const problem = yield* Effect.try({
    try: () => recipeProblem(exported),
    catch: (cause) => failed(`its default export throws ${wordsOf(cause)} when it is looked at; ${wanted}`)
  })
  if (problem !== undefined) return yield* failed(problem)
  // The border to code that was not compiled with ours: `recipeProblem` looked at all that is used before the program runs.
  return exported as Recipe
})

/**
 * The recipe of a module for what the axes of a sweep say: of a recipe, `updates` and `shards` are replaced; a function is called with all of it. Fails with a `ModuleError`
 * if the module exports neither, or a recipe has no place for what is said.
 */
export const loadRecipeFor = Effect.fn("loadRecipeFor")(function* (
  path: string,
  values: Readonly<Record<string, unknown>>
) {
  const exported = yield* loadModule(path)
  const failed = (problem: string) => new ModuleError({ path, problem })
  if (typeof exported === "function") {
    const made: unknown = yield* Effect.try({
      try: () => exported(values),
      catch: (cause) => failed(`its default export throws ${wordsOf(cause)} for ${JSON.stringify(values)}`)
    })
    const problem = recipeProblem(made)
    return problem === undefined ? (made as Recipe) : yield* failed(problem.replace("export", "function"))
  }
  const recipe = yield* loadRecipe(path)
  for (const [name, value] of Object.entries(values)) {
    if (!["updates", "shards"].includes(name)) {
      return yield* failed(
        `its recipe has updates and shards to set, not "${name}"; export a function of the axes' values for others`
      )
    }
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) {
      return yield* failed(`${name} must be a whole number of at least 1, not ${JSON.stringify(value)}`)
    }
  }
  return { ...recipe, ...values }
})

/** Mistakes of the programs that a module makes, which the language throws, in one line. */
export const asModuleError =
  (path: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | ModuleError, R> =>
    Effect.catchDefect(effect, (defect) =>
      // By name: a module may import another copy of the library.
      defect instanceof Error && ["ProgramError", "ShapeError"].includes(defect.name)
        ? new ModuleError({ path, problem: defect.message })
        : Effect.die(defect)
    )

const wanted = "expected `export default Training.recipe({ program, data, updates, seed })`"

const recipeProblem = (exported: unknown): string | undefined => {
  if (typeof exported !== "object" || exported === null || exported instanceof Promise) {
    return `it exports ${kindOf(exported)} by default; ${wanted}`
  }
  const { program, data, updates, seed } = exported as { readonly [field: string]: unknown }
  if (!isProgram(program)) return `its default export has no program made by Program.make; ${wanted}`
  const needsData = Object.keys(program.inputs).length > 0
  if (data === undefined ? needsData : typeof data !== "object" || data === null)
    return `its default export has no data; ${wanted}`
  const counts = Object.entries({ updates, seed }).find(
    ([, count]) => typeof count !== "number" || !Number.isSafeInteger(count) || count < 0
  )
  if (counts === undefined) return undefined
  return `${counts[0]} of its default export is ${String(counts[1])}; expected a whole number from 0 on`
}

/** Whether a value is a program, by its parts: a module may import another copy of the library. */
export const isProgram = (value: unknown): value is Recipe["program"] =>
  typeof value === "object" &&
  value !== null &&
  ["specs", "onShards", "written", "inputs"].every((part) => part in value)
