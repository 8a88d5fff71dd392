import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("../", import.meta.url))

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
  readonly dev?: boolean
  readonly link?: boolean
}
interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly allowScripts: Readonly<Record<string, boolean>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly optionalDependencies: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(`${root}${path}`, "utf8"))
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

// The two files are npm's own, of this repository.
const manifest = readJson("package.json") as Manifest
const lock = readJson("package-lock.json")
const packages: ReadonlyArray<readonly [path: string, LockedPackage]> =
  isObject(lock) && "packages" in lock && isObject(lock.packages)
    ? Object.entries(lock.packages).filter(([path]) => path !== "")
    : []

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)

describe("dependencies", () => {
  it("are pinned to exact versions, and locked with their digests", () => {
    for (const [name, version] of [
      ...Object.entries(manifest.dependencies),
      ...Object.entries(manifest.devDependencies),
      ...Object.entries(manifest.optionalDependencies)
    ]) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name)
    }
    assert.isAbove(packages.length, 100)
    for (const [path, { integrity, link }] of packages) {
      if (link !== true) assert.match(integrity ?? "", /^sha512-/, path)
    }
  })

  it("take effect from whoever uses the library: a second copy would have types and services of its own", () => {
    for (const name of ["effect", "@effect/platform-node"]) {
      assert.notProperty(manifest.dependencies, name)
      assert.strictEqual(manifest.peerDependencies[name], `^${manifest.devDependencies[name]}`)
    }
  })

  it("that have an install script are allowed or denied it by name", () => {
    const scripted = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => nameOf(path))
    assert.isNotEmpty(scripted)
    for (const name of scripted) assert.property(manifest.allowScripts, name)
    // The runtime that scripts run on; nothing that users of the library install.
    const allowed = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name])
    assert.deepStrictEqual(allowed, ["node"])
    assert.property(manifest.devDependencies, "node")
  })

  it("are installed from where they were locked: no install script has been forgotten by the lock file", () => {
    for (const [path, { hasInstallScript }] of packages) {
      const file = `${path}/package.json`
      if (!existsSync(`${root}${file}`)) continue
      const { scripts = {} } = readJson(file) as Manifest
      const runs = ["preinstall", "install", "postinstall"].some((name) => scripts[name] !== undefined)
      const builds = readdirSync(`${root}${path}`).includes("binding.gyp")
      if (runs || builds) assert.isTrue(hasInstallScript, path)
    }
  })
})
