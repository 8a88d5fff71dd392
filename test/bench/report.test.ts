import { assert, describe, it } from "@effect/vitest"
import { memoryPlot } from "./measure/memory.ts"
import { formatResult } from "./report.ts"
import { type BenchResult, encodeResult } from "./result.ts"

const summary = (median: number) => ({ median, quartiles: [median - 1, median + 2], least: 2, count: 9 }) as const
const peer = { ms: 300, summary: summary(300), ratio: summary(10), cpu: summary(290), cpuRatio: summary(11) }
const rest = { lossDifference: 2e-5, peakRssMiB: 321 }

const machine = {
  processor: "a processor",
  cores: 2,
  memoryGiB: 8,
  platform: "linux x64",
  node: "v22.0.0",
  loadAverage: [0.5, 1, 2]
}

const result: BenchResult = {
  version: 1,
  machine,
  update: {
    ms: 30,
    summary: summary(30),
    cpu: summary(31),
    age: 100,
    rounds: 9,
    secondsPerTurn: 0.5,
    peakRssMiB: 345,
    onWasm: {
      ...peer,
      ...rest,
      tfjsStock: { ratio: summary(4), cpuRatio: summary(4) },
      tfjsTransposed: { ratio: summary(1.5), cpuRatio: summary(1.5) }
    },
    peers: {
      tfjsStock: { ...peer, ...rest },
      tfjsTransposed: { ...peer, ...rest },
      tfjsTransposedFlushed: { ...peer, ...rest }
    }
  },
  python: {
    fovea: { ...peer, ...rest },
    peers: { jax: { ...peer, ...rest } },
    absent: { "torch-eager": "python3 lacks torch" }
  },
  systems: [
    {
      system: "vae",
      fovea: summary(4),
      peakRssMiB: 210,
      peers: {
        jax: { summary: summary(8), ratio: summary(0.5), ratioOfLeast: 0.45, lossDifference: 3e-5, peakRssMiB: 320 }
      },
      absent: { "torch-compiled": "python3 lacks torch" }
    }
  ],
  startup: {
    load: { summary: summary(600), cpu: summary(900) },
    firstUpdate: { summary: summary(2000), cpu: summary(2500) },
    samples: { summary: summary(900), cpu: summary(1500) },
    largest: { summary: summary(5000), cpu: summary(7000) }
  },
  growth: [
    { axis: "batch", points: [{ value: 25, work: 25, ms: 10, flop: 1 }], base: 5, slope: 0.2, explained: 0.998 }
  ],
  scaling: [
    { shards: 1, summary: summary(30), ratio: summary(1), path: summary(29), pathRatio: summary(1) },
    { shards: 2, summary: summary(17), ratio: summary(0.57) }
  ],
  memory: [
    { engine: "reference", samples: [{ update: 100, rssMiB: 180 }] },
    {
      engine: "tfjs-wasm",
      samples: [
        { update: 100, rssMiB: 190, tensors: 85 },
        { update: 200, rssMiB: 195.5, tensors: 85 }
      ],
      planned: { planBytes: 2 ** 20, countedBytes: 2 ** 20, stateBytes: 2 ** 19, moduleBytes: 2 ** 24 }
    }
  ],
  sweep: {
    cost: [
      {
        ...{ store: "sqlite", points: 1000, queueMsPerPoint: 6, share: 0.012, cpuShare: 0.008 },
        ...{ residentMiB: 300, grownMiB: 2, status: summary(9) }
      }
    ],
    idle: { workers: 60, everySeconds: 5, polls: 300, cpuMsPerPoll: 4, mostConnections: 30, workersPerCore: 1250 },
    speedUp: { points: 16, oneSeconds: 20, twoSeconds: 11, shardedSeconds: 15, ofTwo: 1.82, ofShards: 1.33 }
  },
  program: {
    nodes: 3,
    flop: 2_500_000,
    onnxNodes: 4,
    onnxBytes: 2048,
    buildMs: 50,
    lowerMs: 10,
    byPrimitive: [{ primitive: "matmul", nodes: 1, flop: 2_000_000 }]
  }
}

describe("encodeResult", () => {
  it("gives JSON with the time of an update at update.ms", () => {
    assert.strictEqual(JSON.parse(encodeResult(result)).update.ms, 30)
  })

  it("leaves out what was not measured, and refuses a number that is missing", () => {
    assert.deepStrictEqual(JSON.parse(encodeResult({ version: 1, machine })), { version: 1, machine })
    assert.throws(() => encodeResult({ version: 1, machine: { ...machine, memoryGiB: Number.NaN } }))
  })
})

describe("memoryPlot", () => {
  it("draws every engine, those of TensorFlow.js by themselves, and says what is counted", () => {
    const plot = memoryPlot(result.memory ?? [])
    for (const text of ["reference", "tfjs-wasm", "ONNX Runtime and Reference", "TensorFlow.js", "update"])
      assert.include(plot, `>${text}<`)
    assert.include(memoryPlot([{ engine: "reference", samples: [] }]), ">reference<")
  })
})

describe("formatResult", () => {
  it("prints the machine, and only the sections that were measured", () => {
    const text = formatResult(result)
    assert.include(text, "a processor, 2 cores, 8 GiB")
    assert.match(text, /Fovea +30\.0 {2}\(quartiles 29\.0 \.\. 32\.0, least 2\.0\), 345 MiB/)
    assert.match(text, /eager tfjs as it comes, times this +4\.0/)
    assert.include(text, "| | Fovea | JAX, jit | `torch.compile` | PyTorch, eager |")
    assert.include(text, "| vae | 4.0 (3.0 .. 6.0; 2.0), 210 | **0.500** (-0.500 .. 2.5; 0.450), 8.0 ms, 320 | - | - |")
    assert.include(text, "First losses differ by at most 3e-5.")
    assert.match(text, /^torch-compiled: python3 lacks torch$/m)
    assert.match(text, /tfjs-wasm +200 +190 +195\.5 +195\.5 +85$/m)
    assert.match(text, /tfjs-wasm, .* 1\.0 MiB at most by the plan, 1\.0 counted; state 0\.5, the whole module 16\.0/)
    assert.match(text, /10,000 images +900 .*\n +processor time of the whole process +1500/)
    assert.match(text, /matmul +1 +2\.00/)
    assert.notInclude(text, "InferenceSession")
    assert.notInclude(formatResult({ version: 1, machine }), "Fovea")
  })
})
