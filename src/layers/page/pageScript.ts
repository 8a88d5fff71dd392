import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { readBounded } from "../file/readBounded.ts"

/** The library's pages that have scripts. */
export type PageName = "play" | "watch" | "lesson" | "lessonWorker"

const maxScriptBytes = 20_000_000

/** As it is written, not as it was built: there is no bundle yet. */
const isSource = import.meta.url.endsWith(".ts")

/**
 * The script of a page: one module, which imports nothing but the engine that the page brings. It was bundled when the
 * package was built; from source it is bundled now, by the repository's own `build/pages.ts`. That it is not there is a defect.
 */
export const pageScript = Effect.fnUntraced(function* (name: PageName) {
  if (isSource) return yield* Effect.orDie(bundledNow(name))
  const [fs, path] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const file = yield* Effect.orDie(path.fromFileUrl(new URL(`../../page/${name}.js`, import.meta.url)))
  return new TextDecoder().decode(yield* Effect.orDie(readBounded(fs, file, maxScriptBytes)))
})

const bundledNow = (name: PageName) =>
  Effect.tryPromise(async (): Promise<string> => {
    const bundler: { readonly bundledPage?: (name: string) => Promise<string> } = await import(
      new URL("../../../build/pages.ts", import.meta.url).href
    )
    if (bundler.bundledPage === undefined) throw new Error("internal: build/pages.ts bundles nothing")
    return bundler.bundledPage(name)
  })

const maxDigitsBytes = 1_000_000

/** The digits that the lesson learns from: a NumPy file of the package's, `[n, 14, 14]` bytes. */
export const lessonDigits = Effect.gen(function* () {
  const [fs, path] = [yield* FileSystem.FileSystem, yield* Path.Path]
  const file = yield* Effect.orDie(path.fromFileUrl(new URL("../../../docs/lesson/digits.npy", import.meta.url)))
  return yield* Effect.orDie(readBounded(fs, file, maxDigitsBytes))
})
