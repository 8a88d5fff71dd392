// The scripts of the library's pages, each bundled to one module that imports nothing but the engine. `npm run build` writes them
// to dist/page; from source they are bundled when a page is asked for (src/layers/page/pageScript.ts).
import { mkdirSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { build } from "rolldown"

const root = resolve(import.meta.dirname, "..")

/** The pages, by name: where their scripts begin. */
export const pageEntries: Readonly<Record<string, string>> = {
  play: "src/page/play/main.ts",
  watch: "src/page/watch/main.ts"
}

/** A module of the repository with all that it imports but the engine, as one module for browsers, and what that imports. */
export const bundled = async (
  input: string
): Promise<{ readonly code: string; readonly imports: ReadonlyArray<string> }> => {
  const { output } = await build({
    input: resolve(root, input),
    cwd: root,
    platform: "browser",
    external: [/^onnxruntime-web/],
    resolve: { conditionNames: ["fovea-source", "import", "browser", "default"] },
    output: { format: "esm", minify: true, codeSplitting: false },
    write: false,
    logLevel: "warn"
  })
  const [{ code, imports, dynamicImports }] = output
  return { code, imports: [...imports, ...dynamicImports] }
}

/** A page's script. */
export const bundledPage = async (name: string): Promise<string> => (await bundled(pageEntries[name] ?? name)).code

if (import.meta.main) {
  mkdirSync(resolve(root, "dist/page"), { recursive: true })
  for (const name of Object.keys(pageEntries)) {
    writeFileSync(resolve(root, `dist/page/${name}.js`), await bundledPage(name))
  }
}
