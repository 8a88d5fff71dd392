import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // One process per file: ONNX Runtime's flush-to-zero switch belongs to the first session of a process.
    pool: "forks",
    // As `src/layers/machine/withoutTelemetry.ts` does: some tests load the engine by itself.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 30_000
  }
})
