/**
 * What rewriting gives: an update of presets with all rules of graphs, without each of them, and as another checkout of this
 * repository makes it (one whose models were fused by hand: commit 0931869), in turns in one process.
 *
 *     node test/bench/rewriting.ts [--presets paper,modern,draw,vae] [--shards 1] [--rounds 12] [--seconds 0.3] [--beside FOLDER] [--rules]
 */
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { decaysOver } from "../../src/domain/experiment/decaysOver.ts"
import {
  type PresetName,
  presetNames,
  type SettingsJson,
  type settingsFrom
} from "../../src/domain/experiment/presets.ts"
import type { trainingProgram } from "../../src/domain/experiment/trainingProgram.ts"
import type { modelOf } from "../../src/domain/model/modelOf.ts"
import { programCost } from "../../src/domain/tensor/cost.ts"
import type { Program } from "../../src/domain/tensor/Program.ts"
import { type GraphRule, graphRules } from "../../src/domain/tensor/rewrite/graphRules.ts"
import { layerOnnxRuntime } from "../../src/layers/backend/onnx/onnxRuntime.ts"
import { TensorBackend } from "../../src/layers/backend/TensorBackend.ts"
import { firstDraw } from "../support/firstDraw.ts"
import { firstModern } from "../support/firstModern.ts"
import { unclipped } from "../support/unclipped.ts"
import { interleave, ratioByRound, summarise, timed } from "./harness.ts"
import { presetTraining } from "./paperTraining.ts"

const { values: flags } = parseArgs({
  options: {
    presets: { type: "string", default: "paper,modern,draw,vae" },
    shards: { type: "string", default: "1" },
    rounds: { type: "string", default: "12" },
    seconds: { type: "string", default: "0.3" },
    beside: { type: "string" },
    rules: { type: "boolean", default: false }
  }
})
const shards = Number(flags.shards)
const chosen = presetNames.filter((name) => flags.presets.split(",").includes(name))

/** The presets of commit 0931869, as settings laid over one of today's. */
const earlier: Partial<Record<PresetName, readonly [today: PresetName, changes: SettingsJson]>> = {
  paper: ["paper", unclipped],
  modern: ["paper", firstModern],
  draw: ["draw", firstDraw]
}

/** What is made while one of the rules finds nothing. */
const without = <A>(rule: GraphRule, make: () => A): A => {
  const { apply } = rule
  Object.assign(rule, { apply: (graph: Parameters<typeof apply>[0]) => ({ roots: graph.roots, fired: 0 }) })
  try {
    return make()
  } finally {
    Object.assign(rule, { apply })
  }
}

/** The program of a preset as the code in another folder makes it. */
const programBeside = (folder: string, preset: PresetName, format: Parameters<typeof modelOf>[1]) =>
  Effect.promise(async (): Promise<Program<"images">> => {
    const from = <Module>(file: string): Promise<Module> =>
      import(pathToFileURL(resolve(folder, "src/domain", file)).href)
    const presets = await from<{ settingsFrom: typeof settingsFrom }>("experiment/presets.ts")
    const programs = await from<{ trainingProgram: typeof trainingProgram }>("experiment/trainingProgram.ts")
    const models = await from<{ modelOf: typeof modelOf }>("model/modelOf.ts")
    const { model, training } = await Effect.runPromise(Effect.fromResult(presets.settingsFrom(preset)))
    return programs.trainingProgram(models.modelOf(model, format), { ...decaysOver(training, 1), shards })
  })

const measured = Effect.fnUntraced(function* (preset: PresetName) {
  const [today, changes] = earlier[preset] ?? [preset, {}]
  const { makeProgram, model, initialState, imagesOf, seed } = yield* presetTraining(today, changes)
  const backend = yield* TensorBackend
  const begun = performance.now()
  const all = makeProgram({ shards })
  const built = performance.now() - begun
  const programs: Record<string, Program<"images">> = { "all rules": all }
  if (flags.beside !== undefined) programs[flags.beside] = yield* programBeside(flags.beside, preset, model.format)
  if (flags.rules) {
    for (const rule of graphRules) programs[`without "${rule.name}"`] = without(rule, () => makeProgram({ shards }))
  }
  const turns = yield* Effect.forEach(Object.entries(programs), ([name, program]) =>
    Effect.gen(function* () {
      const executable = yield* backend.compile(program, initialState)
      let k = 0
      const update = Effect.suspend(() =>
        Effect.andThen(
          executable.step({ inputs: { images: imagesOf(k) }, noise: { seed, step: k++ } }),
          executable.readOutputs
        )
      )
      for (let i = 0; i < 3; i++) yield* update
      return [name, timed({ most: Number.POSITIVE_INFINITY, seconds: Number(flags.seconds) }, () => update)] as const
    })
  )
  const times = yield* interleave(Number(flags.rounds), Object.fromEntries(turns))
  console.log(`${preset}, ${shards} shards: built in ${built.toFixed(0)} ms`)
  for (const [name, program] of Object.entries(programs)) {
    const { nodes, flop } = programCost(program)
    const { median, least } = summarise((times[name] ?? []).flat())
    const ratio = ratioByRound(times["all rules"] ?? [], times[name] ?? [])
    const [low, high] = ratio.quartiles.map((n) => n.toFixed(3))
    console.log(
      `  ${name.padEnd(36)}${nodes} primitives, ${(flop / 1e9).toFixed(3)} GFLOP, ${median.toFixed(1)} ms (least ${least.toFixed(1)}); all rules / this: ${ratio.median.toFixed(3)} (${low} .. ${high})`
    )
  }
}, Effect.scoped)

await Effect.runPromise(Effect.forEach(chosen, measured, { discard: true }).pipe(Effect.provide(layerOnnxRuntime)))
