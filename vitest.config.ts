import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One process per file: ONNX Runtime's flush-to-zero switch belongs to the first session of a process.
    pool: "forks",
    testTimeout: 30_000
  }
})
