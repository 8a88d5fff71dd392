// The scripts of the library's pages, each bundled to one module that imports nothing but the engine. `npm run build` writes them
// to dist/page; from source they are bundled when a page is asked for (src/layers/page/pageScript.ts).
import { mkdirSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { build } from "rolldown"

const root = resolve(import.meta.dirname, "..")

/** The pages, by name: where their scripts begin. */
export const pageEntries: Readonly<Record<string, string>> = {
  play: "src/page/play/main.ts",
  watch: "src/page/watch/main.ts",
  lesson: "src/page/lesson/main.ts",
  lessonWorker: "src/page/lesson/worker.ts"
}

/** Workers have no import map, and in a page that is a file they cannot be modules: they bring the engine along, as a plain script. */
const workers = ["lessonWorker"]

/** A module of the repository with all that it imports but the engine, as one module for browsers, and what that imports. */
export const bundled = (input: string) => bundle(input, "esm", [/^onnxruntime-web/])

const bundle = async (
  input: string,
  format: "esm" | "iife",
  external: Array<RegExp>
): Promise<{ readonly code: string; readonly imports: ReadonlyArray<string> }> => {
  const { output } = await build({
    input: resolve(root, input),
    cwd: root,
    platform: "browser",
    external,
    resolve: { conditionNames: ["fovea-source", "import", "browser", "default"] },
    // A plain script has no address of its own, and needs none: the engine is given its WebAssembly.
    ...(format === "iife" ? { transform: { define: { "import.meta.url": '""' } } } : {}),
    output: { format, minify: true, codeSplitting: false },
    write: false,
    logLevel: "warn"
  })
  const [{ code, imports, dynamicImports }] = output
  return { code, imports: [...imports, ...dynamicImports] }
}

/** A page's script. */
export const bundledPage = async (name: string): Promise<string> => {
  const input = pageEntries[name] ?? name
  const { code } = await (workers.includes(name) ? bundle(input, "iife", []) : bundled(input))
  return code
}

if (import.meta.main) {
  mkdirSync(resolve(root, "dist/page"), { recursive: true })
  for (const name of Object.keys(pageEntries)) {
    writeFileSync(resolve(root, `dist/page/${name}.js`), await bundledPage(name))
  }
}
