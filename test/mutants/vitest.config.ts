import { defineConfig } from "vitest/config"

/**
 * The tests that mutants of a folder are tried on: those that mirror it. Whoever changes a file looks at its own tests first;
 * what only a far test notices counts as unnoticed here.
 */
const folder = process.env["FOVEA_MUTATED"] ?? ""

export default defineConfig({
  test: {
    include: [`test/${folder}/**/*.test.ts`],
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 30_000,
    pool: "forks"
  }
})
