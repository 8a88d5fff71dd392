import type { Summary } from "./harness.ts"
import type { BenchResult } from "./result.ts"

/** The result as text for people. */
export const formatResult = ({
  machine,
  update,
  python,
  systems,
  scaling,
  startup,
  growth,
  memory,
  sweep,
  parts,
  program
}: BenchResult): string =>
  [
    `${machine.processor}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.platform}, Node ${machine.node}`,
    `load average before: ${machine.loadAverage.join(" ")}`,
    ...(update === undefined ? [] : updateLines(update)),
    ...(python === undefined ? [] : pythonLines(python)),
    ...(systems === undefined ? [] : systemsLines(systems)),
    ...(scaling === undefined ? [] : scalingLines(scaling)),
    ...(startup === undefined ? [] : startupLines(startup)),
    ...(growth === undefined ? [] : growthLines(growth)),
    ...(memory === undefined ? [] : memoryLines(memory)),
    ...(sweep === undefined ? [] : sweepLines(sweep)),
    ...(parts === undefined ? [] : partsLines(parts)),
    ...(program === undefined ? [] : programLines(program))
  ].join("\n")

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(1) : value.toFixed(3)

const spread = ({ median, quartiles, least }: Summary): string =>
  `${digits(median).padStart(7)}  (quartiles ${quartiles.map(digits).join(" .. ")}, least ${digits(least)})`

const peerTitles = {
  tfjsStock: "eager tfjs, wasm, as it comes",
  tfjsTransposed: "  with a faster rule for the gradient of products",
  tfjsTransposedFlushed: "  and with denormals flushed by ONNX Runtime"
} as const

const updateLines = (update: NonNullable<BenchResult["update"]>): ReadonlyArray<string> => [
  "",
  `One update of the paper's model, batch 100, after ${update.age} updates; ms, ${update.rounds} rounds in turns`,
  `${"Fovea".padEnd(52)}${spread(update.summary)}, ${update.peakRssMiB} MiB at most`,
  `${"    processor time".padEnd(52)}${spread(update.cpu)}`,
  ...(Object.keys(peerTitles) as Array<keyof typeof peerTitles>).flatMap((name) =>
    peerLines(peerTitles[name], update.peers[name])
  ),
  ...peerLines("Fovea on tfjs's wasm backend", update.onWasm),
  `${"    eager tfjs as it comes, times this".padEnd(52)}${spread(update.onWasm.tfjsStock.ratio)}`,
  `${"      by processor time".padEnd(52)}${spread(update.onWasm.tfjsStock.cpuRatio)}`,
  `${"    with the faster rule, times this".padEnd(52)}${spread(update.onWasm.tfjsTransposed.ratio)}`,
  `${"      by processor time".padEnd(52)}${spread(update.onWasm.tfjsTransposed.cpuRatio)}`
]

const peerLines = (
  title: string,
  peer: NonNullable<BenchResult["update"]>["peers"]["tfjsStock"]
): ReadonlyArray<string> => [
  `${title.padEnd(52)}${spread(peer.summary)}, ${peer.peakRssMiB} MiB at most`,
  `${`    times Fovea's (losses differ by ${peer.lossDifference.toExponential(0)})`.padEnd(52)}${spread(peer.ratio)}`,
  `${"    times Fovea's processor time".padEnd(52)}${spread(peer.cpuRatio)}`
]

const pythonLines = ({ fovea, peers, absent }: NonNullable<BenchResult["python"]>): ReadonlyArray<string> => [
  "",
  "The same update in Python, as many threads as cores; Fovea in turns with them; ms",
  `${"Fovea".padEnd(52)}${spread(fovea.summary)}, ${fovea.peakRssMiB} MiB at most`,
  ...Object.entries(peers).flatMap(([name, peer]) => [
    ...peerLines(name, peer),
    `${"    Fovea's time / its".padEnd(52)}${digits(1 / peer.ratio.median).padStart(7)}`
  ]),
  ...Object.entries(absent).map(([name, reason]) => `${name}: not measured, ${reason}`)
]

const engineTitles = { jax: "JAX, jit", "torch-compiled": "`torch.compile`", "torch-eager": "PyTorch, eager" } as const

/** A table in Markdown, which docs/performance.md shows as it is. */
const systemsLines = (systems: NonNullable<BenchResult["systems"]>): ReadonlyArray<string> => {
  const engines = Object.keys(engineTitles) as Array<keyof typeof engineTitles>
  const peers = systems.flatMap((system) => Object.values(system.peers))
  const reasons = new Set(
    systems.flatMap(({ absent }) => Object.entries(absent).map(([name, why]) => `${name}: ${why}`))
  )
  return [
    "",
    "An update of each system on as many threads as cores, in turns: Fovea's ms (quartiles; least) and MiB at most; of each peer Fovea's time / its",
    "(quartiles; by the least times), its ms and MiB",
    "",
    `| | Fovea | ${engines.map((engine) => engineTitles[engine]).join(" | ")} |`,
    `|---|---|${engines.map(() => "---|").join("")}`,
    ...systems.map(({ system, fovea, peakRssMiB, peers }) => {
      const cells = engines.map((engine) => {
        const peer = peers[engine]
        if (peer === undefined) return "-"
        const { ratio, ratioOfLeast, summary } = peer
        const [lower, upper] = ratio.quartiles
        const ratios = `**${digits(ratio.median)}** (${digits(lower)} .. ${digits(upper)}; ${digits(ratioOfLeast)})`
        return `${ratios}, ${digits(summary.median)} ms, ${peer.peakRssMiB}`
      })
      const [lower, upper] = fovea.quartiles
      const own = `${digits(fovea.median)} (${digits(lower)} .. ${digits(upper)}; ${digits(fovea.least)}), ${peakRssMiB}`
      return `| ${system} | ${own} | ${cells.join(" | ")} |`
    }),
    "",
    `First losses differ by at most ${Math.max(0, ...peers.map(({ lossDifference }) => lossDifference)).toExponential(0)}.`,
    ...reasons
  ]
}

const scalingLines = (scaling: NonNullable<BenchResult["scaling"]>): ReadonlyArray<string> => [
  "",
  "One update of the paper's model, batch 100, by shards of the batch; ms",
  ...scaling.flatMap(({ shards, summary, ratio, path, pathRatio }) => {
    const lines = [
      `${(shards === 1 ? "one shard" : `${shards} shards`).padEnd(52)}${spread(summary)}`,
      ...(path === undefined ? [] : [`${"    processor time of the longest path".padEnd(52)}${spread(path)}`])
    ]
    return shards === 1
      ? lines
      : [
          ...lines,
          `${"    times one shard's".padEnd(52)}${spread(ratio)}`,
          ...(pathRatio === undefined
            ? []
            : [`${"    times one shard's processor time".padEnd(52)}${spread(pathRatio)}`])
        ]
  })
]

const startupTitles = {
  load: "loading MNIST and checking its digests",
  firstUpdate: "from the start of a process to its first update",
  samples: "10,000 images",
  largest: "making and compiling the largest program"
} as const

const startupLines = (startup: NonNullable<BenchResult["startup"]>): ReadonlyArray<string> => [
  "",
  "Before and after training, each in a process of its own; ms",
  ...(Object.keys(startupTitles) as Array<keyof typeof startupTitles>).flatMap((name) => [
    `${startupTitles[name].padEnd(52)}${spread(startup[name].summary)}`,
    `${"    processor time of the whole process".padEnd(52)}${spread(startup[name].cpu)}`
  ])
]

const growthLines = (growth: NonNullable<BenchResult["growth"]>): ReadonlyArray<string> => [
  "",
  "One update as one size grows, the others the paper's; least of the updates measured, ms",
  ...growth.map(
    ({ axis, points, base, slope, explained }) =>
      `  ${axis.padEnd(10)}${points.map(({ value, ms }) => `${value}: ${digits(ms)}`).join(", ")}; ` +
      `fit ${digits(base)} + ${slope.toPrecision(3)} x, ${(100 * explained).toFixed(1)}% explained`
  )
]

const sweepLines = ({ cost, idle, speedUp }: NonNullable<BenchResult["sweep"]>): ReadonlyArray<string> => [
  "",
  "Sweeps: points of 20 updates of the paper's model at batch 20, by four workers",
  ...cost.flatMap(({ cpuShare, grownMiB, points, queueMsPerPoint, residentMiB, share, status, store }) => [
    `${`${points} points in ${store}: the queue`.padEnd(52)}${digits(queueMsPerPoint).padStart(7)} ms a point, ${digits(100 * share)}% of the training (${digits(100 * cpuShare)}% by processor time)`,
    `${"    status meanwhile, ms".padEnd(52)}${spread(status)}`,
    `${"    memory of a worker, MiB".padEnd(52)}${digits(residentMiB).padStart(7)} at most, ${digits(grownMiB)} more at the end`
  ]),
  ...(idle === undefined
    ? []
    : [
        `${`${idle.workers} waiting workers, each asking every ${idle.everySeconds} s`.padEnd(52)}${digits(idle.cpuMsPerPoll).padStart(7)} ms of Postgres' processor a time: ${Math.round(idle.workersPerCore)} a core; ${idle.mostConnections} connections at most`
      ]),
  `${`${speedUp.points} points at batch 100 by two workers, times as fast as by one`.padEnd(52)}${digits(speedUp.ofTwo).padStart(7)}  (${digits(speedUp.oneSeconds)} s, ${digits(speedUp.twoSeconds)} s)`,
  `${"    by one worker with two shards".padEnd(52)}${digits(speedUp.ofShards).padStart(7)}  (${digits(speedUp.shardedSeconds)} s)`
]

const memoryLines = (memory: NonNullable<BenchResult["memory"]>): ReadonlyArray<string> => [
  "",
  "Resident memory as a small model is trained, MiB; tensors that tfjs holds",
  `  ${"".padEnd(20)}${["updates", "after a tenth", "at the end", "most", "tensors"].map((title) => title.padStart(15)).join("")}`,
  ...memory.map(({ engine, samples }) => {
    const resident = samples.map(({ rssMiB }) => rssMiB)
    const [early, last] = [samples[Math.floor(samples.length / 10)], samples.at(-1)]
    const tensors = [...new Set(samples.flatMap((sample) => sample.tensors ?? []))].join(", ")
    const cells = [
      `${last?.update ?? 0}`,
      `${early?.rssMiB ?? ""}`,
      `${last?.rssMiB ?? ""}`,
      `${Math.max(...resident)}`
    ]
    return `  ${engine.padEnd(20)}${[...cells, tensors].map((cell) => cell.padStart(15)).join("")}`.trimEnd()
  }),
  ...memory.flatMap(({ engine, planned }) => {
    if (planned === undefined) return []
    const { planBytes, countedBytes, stateBytes, moduleBytes } = planned
    const module = moduleBytes === undefined ? "" : `, the whole module ${mebi(moduleBytes)}`
    return [
      `  ${engine}, results of an update of the paper's model: ${mebi(planBytes)} MiB at most by the plan, ${mebi(countedBytes)} counted; state ${mebi(stateBytes)}${module}`
    ]
  })
]

const mebi = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)

const partTitles = {
  gathering: "gathering the batch",
  step: "Executable.step, of which",
  noise: "  drawing the latents",
  discriminator: "  D's gradients (InferenceSession.run)",
  generator: "  G's gradients (InferenceSession.run)",
  engine: "  both",
  updates: "  Adam",
  readOutputs: "reading the losses",
  readState: "copying the state (for checkpoints only)"
} as const

const partsLines = (parts: NonNullable<BenchResult["parts"]>): ReadonlyArray<string> => [
  "",
  "Parts of an update, each by itself; ms",
  ...(Object.keys(partTitles) as Array<keyof typeof partTitles>).map(
    (name) => `${partTitles[name].padEnd(52)}${spread(parts[name])}`
  )
]

const programLines = (program: NonNullable<BenchResult["program"]>): ReadonlyArray<string> => {
  const rows = program.byPrimitive.map(
    ({ primitive, nodes, flop }) => `  ${primitive.padEnd(14)}${String(nodes).padStart(6)}${mega(flop).padStart(12)}`
  )
  return [
    "",
    `Training program: ${program.nodes} primitives, ${mega(program.flop)} MFLOP an update; ${program.onnxNodes} ONNX operators, ` +
      `${Math.round(program.onnxBytes / 1024)} KiB; built in ${digits(program.buildMs)} ms, lowered in ${digits(program.lowerMs)} ms`,
    "  primitive      nodes       MFLOP",
    ...rows
  ]
}

const mega = (flop: number): string => (flop / 1e6).toFixed(2)
