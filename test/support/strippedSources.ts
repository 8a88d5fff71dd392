import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs"
import { stripTypeScriptTypes } from "node:module"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const root = resolve(import.meta.dirname, "../..")

/** Where sources lie without their types, below the same paths as in the repository. */
const stripped = join(root, "node_modules/.cache/stripped")

/** The hook that has Node load them from there (`readStripped.ts`), without types itself. */
export const readStripped = pathToFileURL(join(stripped, "test/support/readStripped.ts.js")).href

/** Strips, as Node does, what has changed since; the time of a file's last change says whether it has. */
const strip = (file: string): void => {
  const [from, to] = [join(root, file), join(stripped, `${file}.js`)]
  const { atimeMs, mtimeMs } = statSync(from)
  const before = statSync(to, { throwIfNoEntry: false })
  if (before !== undefined && Math.abs(before.mtimeMs - mtimeMs) < 0.01) return
  mkdirSync(dirname(to), { recursive: true })
  // Never a file in part, whoever reads it meanwhile.
  const part = `${to}.${process.pid}`
  writeFileSync(part, stripTypeScriptTypes(readFileSync(from, "utf8")))
  utimesSync(part, atimeMs / 1000, mtimeMs / 1000)
  renameSync(part, to)
}

/**
 * Before the tests: some hundred of them start the command line, and each would strip the types off 500 files. In a process of its own,
 * since Node warns of the function that strips.
 */
export const setup = (): void => {
  execFileSync(process.execPath, ["--disable-warning=ExperimentalWarning", fileURLToPath(import.meta.url)])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  for (const file of sources) if (file.endsWith(".ts")) strip(join("src", file))
  strip("test/support/readStripped.ts")
}
