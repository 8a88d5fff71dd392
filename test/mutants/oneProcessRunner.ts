import { readdirSync } from "node:fs"
import { registerHooks } from "node:module"
import { basename, join } from "node:path"
import { pathToFileURL } from "node:url"
import { INSTRUMENTER_CONSTANTS, type MutantCoverage } from "@stryker-mutator/api/core"
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin"
import {
  type DryRunOptions,
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type FailedTestResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  type TestRunnerCapabilities,
  TestStatus,
  toMutantRunResult
} from "@stryker-mutator/api/test-runner"
import * as fc from "fast-check"
import { type DeclaredTest, takeDeclared } from "./declaredTests.ts"

/**
 * Runs the tests of a folder for Stryker in one process that loads them once: Vitest would load Effect and all else again for
 * every mutant, which takes ten times as long as the tests. The tests get `declaredTests.ts` for `@effect/vitest` and `fewerRuns.ts`
 * for `fast-check`.
 */
class OneProcessRunner implements TestRunner {
  /** By file, what was loaded of it. */
  #loaded = new Map<string, ReadonlyArray<DeclaredTest>>()
  /** By file, how long its tests take. */
  #millis = new Map<string, number>()

  /** For a mutant in code that runs while a module loads, source and tests are loaded once more, under another address. */
  capabilities(): TestRunnerCapabilities {
    return { reloadEnvironment: true }
  }

  async dryRun(_options: DryRunOptions): Promise<DryRunResult> {
    const results: Array<TestResult> = []
    for (const file of testFiles()) {
      const began = performance.now()
      for (const test of await this.#testsOf(file)) {
        instrumenter.currentTestId = test.name
        results.push(await resultOf(test))
        instrumenter.currentTestId = undefined
      }
      this.#millis.set(file, performance.now() - began)
    }
    const none: MutantCoverage = { static: {}, perTest: {} }
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: instrumenter.mutantCoverage ?? none }
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, hitLimit, mutantActivation, testFilter, reloadEnvironment } = options
    if (reloadEnvironment) {
      this.#loaded = new Map()
      load += 1
    }
    instrumenter.hitCount = hitLimit === undefined ? undefined : 0
    instrumenter.hitLimit = hitLimit
    const results: Array<TestResult> = []
    for (const file of this.#filesFor(activeMutant.fileName)) {
      instrumenter.activeMutant = mutantActivation === "static" ? activeMutant.id : undefined
      try {
        const tests = await this.#testsOf(file)
        instrumenter.activeMutant = activeMutant.id
        process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE] = activeMutant.id
        for (const test of tests) {
          if (testFilter === undefined || testFilter.includes(test.name)) results.push(await resultOf(test))
          if (results.at(-1)?.status === TestStatus.Failed) break
        }
      } catch (error) {
        results.push({ ...failure(error), id: file, name: file, timeSpentMs: 0 })
      } finally {
        instrumenter.activeMutant = undefined
        delete process.env[INSTRUMENTER_CONSTANTS.ACTIVE_MUTANT_ENV_VARIABLE]
      }
      if (results.at(-1)?.status === TestStatus.Failed) break
    }
    const endless = determineHitLimitReached(instrumenter.hitCount, hitLimit)
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests: results })
  }

  /** The file's own tests first, as they notice most, then the quickest of the folder, as many as the time for them allows. */
  #filesFor(mutated: string): ReadonlyArray<string> {
    const own = basename(mutated, ".ts")
    const millis = (file: string): number => (isTestOf(file, own) ? 0 : (this.#millis.get(file) ?? 0))
    let sum = 0
    return testFiles()
      .sort((left, right) => millis(left) - millis(right))
      .filter((file) => {
        sum += millis(file)
        return sum <= 1000 * mostSeconds
      })
  }

  async #testsOf(file: string): Promise<ReadonlyArray<DeclaredTest>> {
    const known = this.#loaded.get(file)
    if (known !== undefined) return known
    // What a file that failed to load had declared.
    takeDeclared()
    await import(pathToFileURL(join(process.cwd(), testFolder, file)).href)
    const tests = takeDeclared().map(({ name, body }) => ({ name: `${file} ${name}`, body }))
    this.#loaded.set(file, tests)
    return tests
  }
}

/** How long a mutant's tests may take in all beside those of its own file: with less, slow tests count as not there. */
const mostSeconds = Number(process.env["FOVEA_MUTANT_SECONDS"] ?? Number.POSITIVE_INFINITY)

const testFolder = join("test", process.env["FOVEA_MUTATED"] ?? "")
const testFiles = (): Array<string> =>
  readdirSync(testFolder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".test.ts"))
    .sort()
const isTestOf = (file: string, name: string): boolean => basename(file, ".test.ts") === name

// A failed property need not be made small.
fc.configureGlobal({ endOnFailure: true })

/** What the changed source and a runner share. The source reads which mutant is active, and counts. */
const instrumenter: {
  activeMutant: string | undefined
  currentTestId: string | undefined
  hitCount: number | undefined
  hitLimit: number | undefined
  mutantCoverage?: MutantCoverage
} = { activeMutant: undefined, currentTestId: undefined, hitCount: undefined, hitLimit: undefined }
Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: instrumenter })

// What looks at the stack, to say which line was wrong, finds files by their usual names.
Error.prepareStackTrace = (error, calls) =>
  `${error}${calls.map((call) => `\n    at ${call}`).join("")}`.replaceAll(/\?load=\d+/g, "")

/** Source and tests are below the sandbox that Stryker runs this in. */
const sandbox = pathToFileURL(`${process.cwd()}/`).href
let load = 0

/** What the tests get in place of a package. */
const standIns = new Map(
  [
    ["@effect/vitest", "declaredTests.ts"],
    ["fast-check", "fewerRuns.ts"]
  ].map(([name = "", file = ""]) => [name, new URL(file, import.meta.url).href] as const)
)

registerHooks({
  resolve: (specifier, from, next) => {
    const standIn = standIns.get(specifier)
    if (standIn !== undefined && from.parentURL !== standIn) return { url: standIn, shortCircuit: true }
    const found = next(specifier, from)
    const isOurs = found.url.startsWith(sandbox) && !found.url.includes("/node_modules/")
    return isOurs ? { ...found, url: `${found.url}?load=${load}` } : found
  }
})

const failure = (error: unknown): Pick<FailedTestResult, "status" | "failureMessage"> => ({
  status: TestStatus.Failed,
  failureMessage: String(error)
})

const resultOf = async ({ name, body }: DeclaredTest): Promise<TestResult> => {
  const began = performance.now()
  const about = () => ({ id: name, name, timeSpentMs: performance.now() - began })
  try {
    await body()
    return { ...about(), status: TestStatus.Success }
  } catch (error) {
    return { ...about(), ...failure(error) }
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, "one process", OneProcessRunner)]
