import { readFileSync } from "node:fs"
import { dirname, relative, resolve } from "node:path"
import { assert, describe, it } from "@effect/vitest"

const root = resolve(import.meta.dirname, "../..")

/** What a file imports when it is loaded: neither types nor `import()`. */
const loadedBy = (path: string): ReadonlyArray<string> =>
  Array.from(
    readFileSync(path, "utf8").matchAll(/^(?:import|export) (?!type\b)(?:[^"]*? from )?"([^"]+)"/gm),
    ([, name = ""]) => name
  )

/** Packages that are loaded with a file, each with the file of ours that names it. */
const packagesOf = (entry: string): ReadonlyMap<string, string> => {
  const packages = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (path: string): void => {
    if (seen.has(path) || path.endsWith(".json")) return
    seen.add(path)
    for (const name of loadedBy(path)) {
      if (name.startsWith(".")) visit(resolve(dirname(path), name))
      else packages.set(name, relative(root, path))
    }
  }
  visit(resolve(root, entry))
  return packages
}

describe("importing the library", () => {
  const heavy =
    /^(@effect\/sql-pg|onnxruntime|sharp|protobufjs|@tensorflow|echarts|node:http|@effect\/platform-node\/NodeHttp)/
  const heavyOf = (entry: string) => [...packagesOf(entry)].filter(([name]) => heavy.test(name))

  const entries = [
    "src/index.ts",
    "src/tensor.ts",
    "src/evaluation.ts",
    "src/backend.ts",
    "src/testing.ts",
    "src/programs/main.ts"
  ]
  for (const entry of entries) {
    it(`loads no engine, no codec, no charts and no server with ${entry}`, () =>
      assert.deepStrictEqual(heavyOf(entry), []))
  }

  it("is followed to the packages that a layer's own module loads", () => {
    assert.isNotEmpty(heavyOf("src/layers/image/sharp.ts"))
    assert.isNotEmpty(heavyOf("src/layers/backend/onnx/onnxRuntime.ts"))
  })
})
