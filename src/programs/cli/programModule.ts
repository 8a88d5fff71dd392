import * as Effect from "effect/Effect"
import { loadModule } from "../../layers/module/loadModule.ts"
import { isProgram } from "../training/recipeModule.ts"
import { UsageError } from "./userError.ts"

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
