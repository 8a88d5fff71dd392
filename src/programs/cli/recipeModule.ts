import * as Effect from "effect/Effect"
import { loadModule, ModuleError } from "../../layers/module/loadModule.ts"
import type { Recipe } from "../training/Recipe.ts"
import { UsageError } from "./userError.ts"

/** The recipe that a module exports by default. Fails with a `ModuleError` if it exports none. */
export const loadRecipe = Effect.fn("loadRecipe")(function* (path: string) {
  const exported = yield* loadModule(path)
  const problem = recipeProblem(exported)
  if (problem !== undefined) return yield* new ModuleError({ path, problem })
  // The border to code that was not compiled with ours: `recipeProblem` looked at all that is used before the program runs.
  return exported as Recipe
})

/**
 * The program of a module: what it exports by default, or that of the training which it exports. Fails with a `UsageError` if it is
 * neither, and with a `ModuleError` if it cannot be loaded.
 */
export const loadProgram = Effect.fn("loadProgram")(function* (path: string) {
  const exported = yield* loadModule(path)
  if (isProgram(exported)) return exported
  if (typeof exported === "object" && exported !== null && "program" in exported && isProgram(exported.program)) {
    return exported.program
  }
  const found =
    exported === undefined
      ? "it exports nothing by default"
      : `its default export, ${typeNameOf(exported)}, is no program`
  return yield* new UsageError({
    flag: path,
    problem: `${found}; expected one made by Program.make, or a training of one (Training.recipe)`
  })
})

const typeNameOf = (value: unknown): string => (value === null ? "null" : `of type ${typeof value}`)

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
  if (exported === undefined) return `it exports nothing by default; ${wanted}`
  if (typeof exported !== "object" || exported === null) return `it exports ${typeof exported} by default; ${wanted}`
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

const isProgram = (value: unknown): value is Recipe["program"] =>
  typeof value === "object" &&
  value !== null &&
  ["specs", "onShards", "written", "inputs"].every((part) => part in value)
