import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { defaultServerConditions } from "vite"
import { defineConfig } from "vitest/config"
import { readStripped } from "./test/support/strippedSources.ts"

/** Files of pure code, and of layers that start neither an engine nor a process. */
const pure = ["test/domain/**/*.test.ts", "test/layers/{chart,dataset,file,image,log,samples}/**/*.test.ts"]

/** Those among them that load ONNX Runtime all the same. */
const withEngine = ["test/domain/attention/extremes.test.ts"]

/**
 * Files that need a process of their own: they look at ONNX Runtime's flush-to-zero switch, which is thrown by the first session
 * of a process for all that follows, or hold backends to laws without it.
 */
const alone = [
  "test/layers/backend/{optimizers,reference}.test.ts",
  "test/layers/backend/onnx/{flushDenormals,normalNumbers}.test.ts",
  "test/layers/backend/tfjs/*.test.ts"
]

export default defineConfig({
  // The gallery imports "fovea" by its name, as its users do: here that is the source.
  ssr: { resolve: { conditions: ["fovea-source", ...defaultServerConditions] } },
  test: {
    // The usual number leaves one core to a watching editor: of two cores only one would work.
    maxWorkers: availableParallelism(),
    env: {
      // As `src/layers/machine/withoutTelemetry.ts` does: some tests load the engine by itself.
      ORT_DISABLE_TELEMETRY: "1",
      // Some hundred command lines are started: their 500 files are stripped of types and compiled once.
      NODE_COMPILE_CACHE: join(tmpdir(), "fovea-compile-cache"),
      NODE_OPTIONS: `--import=${readStripped}`
    },
    globalSetup: "test/support/strippedSources.ts",
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "pure",
          include: pure,
          exclude: withEngine,
          pool: "forks",
          // What they import is loaded once for all of them, which is most of the time that they take.
          isolate: false,
          setupFiles: ["test/support/noEngine.ts"]
        }
      },
      { extends: true, test: { name: "alone", include: alone, pool: "forks" } },
      {
        extends: true,
        test: {
          name: "others",
          include: ["test/**/*.test.ts"],
          exclude: [...pure.filter((files) => !withEngine.includes(files)), ...alone],
          pool: "forks",
          isolate: false,
          setupFiles: ["test/support/withEngine.ts"]
        }
      }
    ]
  }
})
