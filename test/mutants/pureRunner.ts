import { readdirSync } from "node:fs"
import { registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from "@stryker-mutator/api/core"
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin"
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult
} from "@stryker-mutator/api/test-runner"
import * as fc from "fast-check"
import { type DeclaredTest, takeDeclared } from "./pureTests.ts"

/**
 * Runs the tests of a pure folder for Stryker in one process that loads them once: Vitest would load Effect and all else again for
 * every mutant, which takes ten times as long as the tests. The tests get `pureTests.ts` for `@effect/vitest`.
 */
class PureRunner implements TestRunner {
  #tests: ReadonlyArray<DeclaredTest> | undefined

  /** For a mutant in code that runs while a module loads, source and tests are loaded once more, under another address. */
  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true }
  }

  async dryRun(_options: DryRunOptions): Promise<DryRunResult> {
    const tests = await this.#loaded()
    const results: Array<TestResult> = []
    for (const test of tests) {
      instrumenter.currentTestId = test.name
      results.push(await resultOf(test))
    }
    instrumenter.currentTestId = undefined
    const none: MutantCoverage = { static: {}, perTest: {} }
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: instrumenter.mutantCoverage ?? none }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, mutantActivation, testFilter, disableBail, reloadEnvironment } = options
    if (reloadEnvironment) {
      this.#tests = undefined
      load += 1
    }
    instrumenter.hitCount = hitLimit === undefined ? undefined : 0
    instrumenter.hitLimit = hitLimit
    if (mutantActivation === "static") instrumenter.activeMutant = activeMutant.id
    const results: Array<TestResult> = []
    try {
      const tests = await this.#loaded()
      instrumenter.activeMutant = activeMutant.id
      for (const test of tests) {
        if (testFilter !== undefined && !testFilter.includes(test.name)) continue
        const result = await resultOf(test)
        results.push(result)
        if (result.status === TestStatus.Failed && !disableBail) break
      }
    } catch (error) {
      results.push({
        id: "load",
        name: "load",
        timeSpentMs: 0,
        status: TestStatus.Failed,
        failureMessage: String(error)
      })
    } finally {
      instrumenter.activeMutant = undefined
    }
    const endless = determineHitLimitReached(instrumenter.hitCount, hitLimit)
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests: results })
  }

  async #loaded(): Promise<ReadonlyArray<DeclaredTest>> {
    if (this.#tests !== undefined) return this.#tests
    // A failed property need not be made small.
    fc.configureGlobal({ endOnFailure: true })
    const tests: Array<DeclaredTest> = []
    const folder = join("test", process.env["FOVEA_MUTATED"] ?? "")
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"))
    for (const file of files.sort()) {
      await import(pathToFileURL(join(process.cwd(), folder, file)).href)
      tests.push(...takeDeclared().map(({ name, body }) => ({ name: `${file} ${name}`, body })))
    }
    this.#tests = tests
    return tests
  }
}

/** What the changed source and a runner share. The source reads which mutant is active, and counts. */
const instrumenter: {
  activeMutant: string | undefined
  currentTestId: string | undefined
  hitCount: number | undefined
  hitLimit: number | undefined
  mutantCoverage?: MutantCoverage
} = { activeMutant: undefined, currentTestId: undefined, hitCount: undefined, hitLimit: undefined }
Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: instrumenter })

/** Source and tests are below the sandbox that Stryker runs this in. */
const sandbox = pathToFileURL(`${process.cwd()}/`).href
let load = 0

registerHooks({
  resolve: (specifier, from, next) => {
    if (specifier === "@effect/vitest") {
      return { url: new URL("pureTests.ts", import.meta.url).href, shortCircuit: true }
    }
    const found = next(specifier, from)
    const isOurs = found.url.startsWith(sandbox) && !found.url.includes("/node_modules/")
    return isOurs ? { ...found, url: `${found.url}?load=${load}` } : found
  }
})

const resultOf = async ({ name, body }: DeclaredTest): Promise<TestResult> => {
  const began = performance.now()
  const about = () => ({ id: name, name, timeSpentMs: performance.now() - began })
  try {
    await body()
    return { ...about(), status: TestStatus.Success }
  } catch (error) {
    return { ...about(), status: TestStatus.Failed, failureMessage: String(error) }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "pure", PureRunner)]
