import { readFileSync, statSync } from "node:fs"
import { registerHooks } from "node:module"
import { fileURLToPath } from "node:url"

// Run by Node before a program of the tests: from `node_modules/.cache/stripped/test/support`, see `strippedSources.ts`.
const stripped = new URL("../../", import.meta.url)
const sources = new URL("../../../src/", stripped).href

registerHooks({
  load: (url, context, nextLoad) => {
    if (!url.startsWith(sources) || !url.endsWith(".ts")) return nextLoad(url, context)
    const file = new URL(`src/${url.slice(sources.length)}.js`, stripped)
    const [own, given] = [statSync(file, { throwIfNoEntry: false }), statSync(fileURLToPath(url))]
    // A file that has changed since the tests began is Node's own affair.
    if (own === undefined || Math.abs(own.mtimeMs - given.mtimeMs) >= 0.01) return nextLoad(url, context)
    return { format: "module", source: readFileSync(file, "utf8"), shortCircuit: true }
  }
})
