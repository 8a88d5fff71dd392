import * as Effect from "effect/Effect"
import { callTree } from "../../domain/explain/callTree.ts"
import type { Explanation } from "../../domain/explain/explain.ts"
import { explanationPage } from "../../domain/explain/explanationPage.ts"
import { gigaflop, mebibytes } from "../../domain/explain/explanationTable.ts"
import type { Measured } from "../../domain/explain/measured.ts"
import type { Chart } from "../../domain/page/charts.ts"
import { writeFileAtomically } from "../../layers/file/atomicWrite.ts"
import { thisMachine } from "../../layers/machine/thisMachine.ts"
import { libraryVersion } from "../libraryVersion.ts"

// The charting library's 600 modules take longer to load than all else that a command needs together.
const charts = Effect.promise(() => import("../../layers/chart/flameGraph.ts"))

/** Writes an explanation as one HTML page, with a flame graph of what was measured, of the arithmetic, and of the memory moved. */
export const writeExplanation = Effect.fn("writeExplanation")(function* (
  path: string,
  explained: Explanation,
  measured: Measured | undefined
) {
  const { processor, cores, memoryGiB } = yield* thisMachine
  const facts = [`fovea ${libraryVersion}; ${processor}, ${cores} cores, ${memoryGiB} GiB`]
  const { flameGraph } = yield* charts
  const page = explanationPage({ explained, measured, charts: flames(explained, measured, flameGraph), facts })
  yield* writeFileAtomically(path, new TextEncoder().encode(page))
})

const width = 1080

type DrawFlames = typeof import("../../layers/chart/flameGraph.ts").flameGraph

const flames = (
  { name, program }: Explanation,
  measured: Measured | undefined,
  flameGraph: DrawFlames
): ReadonlyArray<Chart> => {
  const times = new Map(program.map((primitive, i) => [primitive, measured?.primitives[i] ?? 0]))
  const reading =
    "The whole is on top; below each call, as wide as its share, is what it called, down to the primitives"
  const time = callTree(name, program, (primitive) => times.get(primitive) ?? 0)
  return [
    ...(time.weight > 0
      ? [
          {
            title: "Time",
            description: `${reading}. Measured on ${measured?.backend ?? ""}; kernels that are alike share their time equally, and what the engine did for itself is left out.`,
            svg: flameGraph(time, { width, format: (ms) => `${ms.toFixed(2)} ms`, prefix: "time" })
          }
        ]
      : []),
    {
      title: "Arithmetic",
      description: `${reading}.`,
      svg: flameGraph(
        callTree(name, program, ({ flop }) => flop),
        { width, format: (flop) => `${gigaflop(flop)} GFLOP`, prefix: "flop" }
      )
    },
    {
      title: "Memory moved",
      description: `${reading}, by what primitives read and write.`,
      svg: flameGraph(
        callTree(name, program, ({ bytes }) => bytes),
        { width, format: (bytes) => `${mebibytes(bytes)} MiB`, prefix: "bytes" }
      )
    }
  ]
}
