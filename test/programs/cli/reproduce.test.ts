import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Schedule from "effect/Schedule"
import { deepMerge, type SettingsJson } from "../../../src/domain/experiment/presets.ts"
import type { Results } from "../../../src/domain/paper/report/Results.ts"
import {
  attention,
  command,
  prepare,
  resultsIn,
  tinyPlan,
  tinySystems,
  writePlan
} from "../../support/tinyReproduction.ts"
import { bytesBelow, type Ended, fovea, inFolder, messageOf, usageOf } from "./commandLine.ts"

/** The tiny plan carried out once, for all tests that go on from there: each gets a copy. */
const reproduced = mkdtempSync(join(tmpdir(), "fovea-reproduced-"))
afterAll(() => rmSync(reproduced, { recursive: true, force: true }))
let first: Promise<Ended> | undefined
const carriedOut = (fs: FileSystem.FileSystem) =>
  Effect.promise(() => {
    first ??= prepare(reproduced, fs).pipe(
      Effect.andThen(command("reproduce", reproduced, "--tensorboard")),
      Effect.runPromise
    )
    return first
  })

/** Copies of it: of its data and its classifier, and of the folders of some experiments. */
const copied = Effect.fnUntraced(function* (
  folder: string,
  fs: FileSystem.FileSystem,
  ...experiments: ReadonlyArray<string>
) {
  yield* carriedOut(fs)
  yield* fs.makeDirectory(`${folder}/run`)
  for (const name of ["data", "classifier", "plan.json", ...experiments.map((name) => `run/${name}`)]) {
    yield* fs.copy(`${reproduced}/${name}`, `${folder}/${name}`)
  }
}, Effect.orDie)

describe("fovea reproduce", () => {
  it.live(
    "puts systems side by side, judges what is said of them, and leaves out what needs other experiments",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          // Two of its experiments are trained already.
          yield* copied(folder, fs, "paper", "baseline")
          yield* writePlan(folder, fs, tinySystems)
          const { code, stdout, stderr } = yield* command("reproduce", folder)
          assert.deepStrictEqual([code, stderr], [0, ""])
          const { experiments, systems = [], claims, missing } = yield* resultsIn(folder)
          assert.deepStrictEqual(
            experiments.map(({ name }) => name),
            ["vae", "draw", "paper", "baseline", "dcgan", "modern"]
          )
          for (const { cost, measures } of experiments) {
            assert.isAbove(cost?.parameters ?? 0, 100)
            assert.isAbove(cost?.gigaflop ?? 0, 1e-6)
            assert.isAbove(cost?.milliseconds ?? 0, 0)
            assert.isDefined(measures.speckle)
          }
          assert.deepStrictEqual(
            claims.map(({ id }) => id),
            ["C1", "C2", "C4", "C5"]
          )
          assert.deepStrictEqual(
            systems.map(({ id }) => id),
            ["S1", "S2", "S3", "S4", "S5", "S6", "S7"]
          )
          for (const { id, verdict } of systems) assert.match(stdout, new RegExp(`^${id} ${verdict} `, "m"))
          assert.deepStrictEqual(missing, [])
          const page = yield* fs.readFileString(`${folder}/run/report/index.html`)
          assert.include(page, '<section id="systems">')
          assert.notInclude(page, "has not been drawn yet")
        })
      ),
    120_000
  )

  it.live(
    "trains, draws, measures and reports everything, and does nothing of it twice",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          yield* prepare(folder, fs)
          const before = yield* command("reproduce", folder, "--list")
          const listed = JSON.parse((yield* command("reproduce", folder, "--list", "--json")).stdout)
          assert.deepInclude(listed.runs[0], { seed: 0, update: 0, finished: false })
          assert.match(before.stdout, /^paper +seed 0 +not begun \(2 epochs\)$/m)
          assert.isFalse(yield* fs.exists(`${folder}/run`))

          const first = yield* carriedOut(fs)
          yield* fs.copy(reproduced, folder, { overwrite: true })
          assert.deepStrictEqual([first.code, first.stderr], [0, ""])
          // From the first line on it is told what goes on, and after each step what was done.
          assert.match(
            first.stdout,
            /^Reproduction "tiny" in .*\n6 steps:\n {2}1 {2}train paper, seed 0: 2 epochs \(22 updates\)\n/
          )
          assert.match(first.stdout, /^Step 1 of 6 done in 0:00:\d\d: finished \(2 epochs\); images in .*figures$/m)
          assert.match(first.stdout, /^Step 5 of 6: train the classifier that measures: /m)
          assert.match(first.stdout, /^Step 6 of 6 done in .*: open .*report\/index.html$/m)
          // Each run's own, beside its log; measuring for the report opens no log.
          const events = yield* fs.readDirectory(`${folder}/run/paper/seed-0`)
          assert.lengthOf(
            events.filter((name) => name.startsWith("events.out.tfevents.")),
            1
          )
          const results = yield* resultsIn(folder)
          assert.deepStrictEqual(
            results.experiments.map(({ name, seed, updates, totalUpdates }) => [name, seed, updates, totalUpdates]),
            [
              ["paper", 0, 22, 22],
              ["baseline", 0, 22, 22],
              ["four-filters", 0, 22, 22],
              ["zero-canvas", 0, 22, 22]
            ]
          )
          for (const { course, measures } of results.experiments) {
            assert.deepStrictEqual(
              course.map(({ epoch, update }) => [epoch, update]),
              [
                [1, 11],
                [2, 22]
              ]
            )
            assert.strictEqual(measures.count, 30)
          }
          assert.deepStrictEqual(
            results.experiments.map(({ figures }) => figures.map(({ name }) => name)),
            [
              ["figure-3", "figure-4", "figure-6", "figure-6-animation", "figure-8", "figure-9", "figure-10"],
              ["figure-3", "figure-5"],
              ["figure-3", "figure-7", "figure-6", "figure-6-animation", "figure-8", "figure-9", "figure-10"],
              ["figure-3", "samples", "figure-6", "figure-6-animation", "figure-8", "figure-9", "figure-10"]
            ]
          )
          for (const { path } of results.experiments.flatMap(({ figures }) => figures)) {
            assert.isTrue(yield* fs.exists(`${folder}/run/report/${path}`), path)
          }
          assert.deepStrictEqual(
            results.claims.map(({ id }) => id),
            ["C1", "C2", "C3", "C4", "C5", "C6"]
          )
          for (const { id, verdict } of results.claims) {
            assert.match(first.stdout, new RegExp(`^${id} ${verdict} `, "m"))
          }
          assert.deepStrictEqual(results.missing, [])
          assert.match((yield* command("reproduce", folder, "--list")).stdout, /^zero-canvas +seed 0 +finished/m)

          // Again: nothing is trained or measured, and the same numbers are reported.
          const files = yield* bytesBelow(`${folder}/run`)
          const second = yield* command("reproduce", folder)
          assert.strictEqual(second.code, 0)
          assert.match(second.stdout, /^ {2}1 {2}paper, seed 0: finished \(2 epochs\)$/m)
          assert.match(second.stdout, /^ {2}5 {2}open the classifier that measures$/m)
          const again = yield* bytesBelow(`${folder}/run`)
          const unlike = Object.keys(again).filter((name) => again[name] !== files[name])
          assert.deepStrictEqual(Object.keys(again), Object.keys(files))
          assert.deepStrictEqual(
            unlike.filter((name) => !name.startsWith("report/")),
            []
          )
          const sameBut = (one: Results) =>
            JSON.parse(JSON.stringify({ ...one, createdAt: "" }).replaceAll(reproduced, folder))
          assert.deepStrictEqual(sameBut(yield* resultsIn(folder)), sameBut(results))

          // A second seed of one experiment: the others' are named as missing.
          const widened = yield* command("reproduce", folder, "--replicas", "2", "--only", "paper")
          assert.strictEqual(widened.code, 0)
          const wider = yield* resultsIn(folder)
          assert.deepStrictEqual(
            wider.experiments.map(({ name, seed }) => [name, seed]).filter(([name]) => name === "paper"),
            [
              ["paper", 0],
              ["paper", 1]
            ]
          )
          assert.deepStrictEqual(sameBut(wider).experiments[0], sameBut(results).experiments[0])
          // What is said of that experiment alone is judged by both seeds, and by each.
          assert.deepStrictEqual(
            wider.claims.map(({ id, seeds }) => [id, seeds?.map(({ seed }) => seed)]),
            ["C1", "C2", "C3", "C4", "C5", "C6"].map((id) => [id, "C2 C4 C5".includes(id) ? [0, 1] : undefined])
          )
          assert.match(widened.stdout, /^C4 .* \(seed by seed: (holds|does not hold|unclear) with [12] of 2/m)
          assert.deepStrictEqual(wider.missing, [
            "baseline, seed 1: not begun (2 epochs)",
            "four-filters, seed 1: not begun (2 epochs)",
            "zero-canvas, seed 1: not begun (2 epochs)"
          ])
        })
      ),
    120_000
  )
})

describe("fovea reproduce --queue", () => {
  const [paper] = tinyPlan.experiments

  it.live(
    "trains by a worker of the store, measures and reports what it left",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          yield* copied(folder, fs)
          yield* writePlan(folder, fs, { ...tinyPlan, experiments: [paper] })
          const store = ["--store", `sqlite:${folder}/sweeps.sqlite`]
          const onQueue = command("reproduce", folder, "--queue", ...store, "--jobs", "0")
          const [ended, worked] = yield* Effect.all(
            [
              onQueue,
              // Until the trainings are there.
              fovea("worker", ...store).pipe(
                Effect.repeat({
                  until: ({ stdout }) => stdout.includes("seed 0"),
                  schedule: Schedule.spaced(100),
                  times: 100
                })
              )
            ],
            { concurrency: 2 }
          )
          assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
          assert.match(worked.stdout, /^tiny-\w{8}, experiment paper, seed 0: trained after 22 of 22 updates/m)
          assert.match(ended.stdout, /^1 training as the sweep tiny-\w{8} in .*, 1 to be done/m)
          assert.match(ended.stdout, /^ {2}1 {2}paper, seed 0: finished \(2 epochs\)$/m)
          const { experiments, missing } = yield* resultsIn(folder)
          assert.deepStrictEqual(
            experiments.map(({ name, updates, course, figures }) => [name, updates, course.length, figures.length > 2]),
            [["paper", 22, 2, true]]
          )
          assert.isAbove(experiments[0]?.cost?.milliseconds ?? 0, 0)
          assert.deepStrictEqual(missing, [])

          assert.include(usageOf(yield* command("reproduce", folder, ...store)), "--store")
        })
      ),
    120_000
  )
})

describe("fovea report", () => {
  const onlyPaper = (settings: SettingsJson) => ({
    ...tinyPlan,
    experiments: [{ preset: "paper", settings: deepMerge(attention, settings) }, ...tinyPlan.experiments.slice(1)]
  })

  it.live("of an unfinished run tells what is there and what is missing, and trains nothing", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* copied(folder, fs, "paper")
        yield* writePlan(folder, fs, onlyPaper({ training: { epochs: 4 } }))
        const checkpoints = yield* bytesBelow(`${folder}/run/paper`)
        const ended = yield* command("report", folder)
        assert.deepStrictEqual([ended.code, ended.stderr], [0, ""])
        const { experiments, claims, missing } = yield* resultsIn(folder)
        assert.deepStrictEqual(
          experiments.map(({ name, updates, totalUpdates }) => [name, updates, totalUpdates]),
          [["paper", 22, 44]]
        )
        assert.deepStrictEqual(missing, [
          "paper, seed 0: epoch 2 of 4",
          "baseline, seed 0: not begun (2 epochs)",
          "four-filters, seed 0: not begun (2 epochs)",
          "zero-canvas, seed 0: not begun (2 epochs)"
        ])
        assert.deepInclude(
          claims.find(({ id }) => id === "C1"),
          { verdict: "unclear" }
        )
        assert.include(ended.stdout, "missing: paper, seed 0: epoch 2 of 4")
        assert.deepStrictEqual(Object.keys(yield* bytesBelow(`${folder}/run/paper`)), Object.keys(checkpoints))
      })
    )
  )

  it.live(
    "does not take a run for finished whose last checkpoint is damaged: reproduce trains it to its end again",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          yield* copied(folder, fs, "paper")
          const only = ["--only", "paper"]
          const last = `${folder}/run/paper/seed-0/checkpoints/update-00000022/tensors.safetensors`
          const whole = yield* fs.readFile(last)
          yield* fs.writeFile(last, whole.subarray(1))
          for (const args of [["report"], ["reproduce", ...only]] as const) {
            const [name, ...rest] = args
            assert.include(
              messageOf(yield* command(name, folder, ...rest)),
              "repeat the command with --on-damage fallback"
            )
          }
          const fallback = ["--on-damage", "fallback"]
          const missing = "paper, seed 0: epoch 1 of 2"
          assert.include((yield* command("report", folder, ...fallback)).stdout, `missing: ${missing}`)
          assert.strictEqual((yield* command("reproduce", folder, ...only, ...fallback)).code, 0)
          assert.deepStrictEqual(yield* fs.readFile(last), whole)
          const results = yield* resultsIn(folder)
          assert.notInclude(results.missing, missing)
          assert.strictEqual(results.experiments[0]?.updates, 22)
        })
      )
  )

  it.live("says so where there is nothing to report on, or what is there was made by other settings", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* copied(folder, fs)
        yield* fs.remove(`${folder}/classifier`, { recursive: true })
        assert.match(
          messageOf(yield* command("report", folder)),
          /^There is no checkpoint of any experiment of the plan in .*\/run: train one first, or name the folder/
        )
        assert.isFalse(yield* fs.exists(`${folder}/classifier`))
        yield* fs.copy(`${reproduced}/run/paper`, `${folder}/run/paper`)
        yield* writePlan(folder, fs, onlyPaper({ model: { units: 7 } }))
        const before = yield* bytesBelow(`${folder}/run/paper/seed-0/checkpoints`)
        for (const name of ["report", "reproduce"] as const) {
          assert.match(
            messageOf(yield* command(name, folder)),
            /^model\.units: the checkpoint was made with 6, but 7 is asked for/
          )
        }
        assert.deepStrictEqual(yield* bytesBelow(`${folder}/run/paper/seed-0/checkpoints`), before)
      })
    )
  )
})
