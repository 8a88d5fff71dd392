/**
 * The benchmark: `npm run bench -- [--json] [--only update,parts,program] [--repeats 8] [--seconds 0.5]`, or
 * `npm run bench -- --only memory [--limit 600] [--engines tfjs-wasm,reference] [--plot FILE.svg]`, or
 * `npm run bench -- --only growth [--plot FILE.svg]`, `npm run bench -- --only sweep [--points 1000]`,
 * `npm run bench -- --only systems [--systems "vae;dcgan"]`, or `npm run bench -- --only startup`.
 *
 * - `update`: an update of the paper's model by Fovea and by eager tfjs on wasm, as ratios, in turns (most of the minute it takes);
 * - `python`: the same update by JAX and PyTorch (eager and compiled), where Python has them; `FOVEA_PYTHON` names another Python;
 * - `systems`, only when asked for: an update of each system (`--systems "vae;draw, 10 glimpses"`, all if left out) by Fovea, JAX and
 *   PyTorch;
 * - `scaling`: on one shard of the batch and on several;
 * - `parts`: what Fovea's update is made of;
 * - `program`: how large the training program is;
 * - `startup`, only when asked for: loading MNIST, the time from a process' start to its first update, 10,000 images, and making and
 *   compiling the largest program;
 * - `growth`, only when asked for: with other batches, images, glimpses, filters and units, and whether time is linear in them;
 * - `memory`, only when asked for: resident memory over 10,000 updates of a small model on every engine that is here, for
 *   `--limit` seconds each at most;
 * - `sweep`, only when asked for: what the queue costs four workers of `--points` points, what waiting workers cost a Postgres, and how
 *   much faster two workers are than one, or than one with two shards.
 *
 * `--repeats` is the number of rounds, `--seconds` the time of each turn. The machine should be quiet, or at least equally
 * busy all the time; ratios and minima suffer less from it than medians do.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import { NodeRuntime } from "@effect/platform-node"
import * as Effect from "effect/Effect"
import { engineNames } from "../../src/layers/backend/selection/engineNames.ts"
import { describeMachine } from "./machine.ts"
import { growthPlot, measureGrowth } from "./measure/growth.ts"
import { measureMemory, memoryPlot } from "./measure/memory.ts"
import { measureParts } from "./measure/parts.ts"
import { measureProgram } from "./measure/program.ts"
import { measurePythonPeers } from "./measure/pythonPeers.ts"
import { measureScaling } from "./measure/scaling.ts"
import { measureStartup } from "./measure/startup.ts"
import { measureSweep } from "./measure/sweep.ts"
import { measureSystems } from "./measure/systems.ts"
import { measureUpdate } from "./measure/update.ts"
import { formatResult } from "./report.ts"
import { type BenchResult, encodeResult } from "./result.ts"
import { systems } from "./systems.ts"

const usual = ["update", "python", "scaling", "parts", "program"] as const
const sections = [...usual, "systems", "startup", "growth", "memory", "sweep"] as const

const readFlags = () => {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      only: { type: "string", default: usual.join() },
      repeats: { type: "string", default: "8" },
      seconds: { type: "string", default: "0.5" },
      limit: { type: "string", default: "600" },
      engines: { type: "string", default: engineNames.join() },
      points: { type: "string", default: "1000" },
      systems: { type: "string", default: Object.keys(systems).join(";") },
      plot: { type: "string" }
    }
  })
  const only = values.only.split(",")
  const [rounds, seconds] = [Number(values.repeats), Number(values.seconds)]
  const unknown = only.find((name) => !sections.some((section) => section === name))
  if (unknown !== undefined) throw new RangeError(`--only takes some of ${sections.join()}, not "${unknown}"`)
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError("--repeats must be a positive integer")
  if (!(seconds > 0) || !Number.isFinite(seconds)) throw new RangeError("--seconds must be a positive number")
  const asked = values.engines.split(",")
  const engines = engineNames.filter((name) => asked.includes(name))
  if (engines.length < asked.length) throw new RangeError(`--engines takes some of ${engineNames.join()}`)
  const limit = Number(values.limit)
  if (!(limit > 0) || !Number.isFinite(limit)) throw new RangeError("--limit must be a positive number of seconds")
  const points = Number(values.points)
  if (!Number.isInteger(points) || points < 1) throw new RangeError("--points must be a positive integer")
  if (values.plot !== undefined && !["memory", "growth"].includes(values.only)) {
    throw new RangeError("--plot is of --only memory or --only growth")
  }
  const named = values.systems.split(";")
  const stranger = named.find((name) => systems[name] === undefined)
  if (stranger !== undefined) {
    throw new RangeError(`--systems takes some of ${Object.keys(systems).join("; ")}, not "${stranger}"`)
  }
  return {
    json: values.json,
    named,
    limit,
    engines,
    points,
    plot: values.plot,
    wants: (section: (typeof sections)[number]) => only.includes(section),
    rounds,
    seconds
  }
}

const bench = Effect.gen(function* () {
  const { json, wants, limit, engines, points, plot, named, ...effort } = yield* Effect.sync(readFlags)
  const machine = describeMachine()
  // The contestants' processes come first: measuring the parts switches this one's denormals off, and takes memory.
  const result: BenchResult = {
    version: 1,
    machine,
    ...(wants("update") ? { update: yield* measureUpdate(effort) } : {}),
    ...(wants("python") ? { python: yield* measurePythonPeers(effort) } : {}),
    ...(wants("systems") ? { systems: yield* measureSystems(effort, named) } : {}),
    ...(wants("scaling") ? { scaling: yield* measureScaling(effort) } : {}),
    ...(wants("startup") ? { startup: yield* measureStartup(effort) } : {}),
    ...(wants("growth") ? { growth: yield* measureGrowth(effort) } : {}),
    ...(wants("memory") ? { memory: yield* measureMemory(limit, engines) } : {}),
    ...(wants("sweep") ? { sweep: yield* measureSweep(points) } : {}),
    ...(wants("parts") ? { parts: yield* measureParts(effort) } : {}),
    ...(wants("program") ? { program: yield* measureProgram } : {})
  }
  if (plot !== undefined && result.memory !== undefined) writeFileSync(plot, memoryPlot(result.memory))
  if (plot !== undefined && result.growth !== undefined) writeFileSync(plot, growthPlot(result.growth))
  process.stdout.write(`${json ? encodeResult(result) : formatResult(result)}\n`)
})

NodeRuntime.runMain(bench)
