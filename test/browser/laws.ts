// What a page does that holds a backend to the laws; bundled by `openLaws`.
import * as Effect from "effect/Effect"
import { Backends } from "../../src/browser.ts"
import { type ConformanceOptions, checkConformance, conformance, formatReport } from "../../src/testing.ts"

/** What a page is asked to check. */
export interface Asked {
  readonly backend: "reference" | "wasm" | "webgpu"
  readonly options: ConformanceOptions
  /** Names of laws, or of groups of them as `state: `. */
  readonly names: ReadonlyArray<string>
}

/** What a page found. */
export interface Found {
  readonly backend: string
  readonly kept: ReadonlyArray<string>
  readonly broken: ReadonlyArray<string>
  readonly report: string
}

const run = ({ backend, options, names }: Asked): Promise<Found> =>
  Effect.gen(function* () {
    const laws = conformance(options).filter(({ name }) =>
      names.some((asked) => (asked.endsWith(": ") ? name.startsWith(asked) : name === asked))
    )
    const found = yield* checkConformance(laws)
    return {
      backend: found.backend,
      kept: found.kept,
      broken: found.broken.map(({ law }) => law),
      report: formatReport(found)
    }
  }).pipe(
    Effect.provide(
      backend === "reference" ? Backends.reference : Backends.onnxRuntimeWeb({ provider: backend, wasm: "/engine/" })
    ),
    Effect.runPromise
  )

Object.assign(globalThis, { runLaws: run })
