import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import sharp from "sharp"
import { syntheticImages } from "../../../src/domain/data/syntheticImages.ts"
import { encodeIdx } from "../../support/encodeIdx.ts"
import { tinyJson } from "../training/tinyExperiment.ts"
import { fovea, inFolder, messageOf, usageOf } from "./commandLine.ts"

const { name: _, ...settings } = tinyJson
const planOf = (changes: object = {}) => ({ name: "grid", settings, seeds: 2, ...changes })

/** A folder with a plan, and the flags that keep everything in it. */
const inSweepFolder = (
  plan: object,
  test: (
    sweep: (...args: ReadonlyArray<string>) => ReturnType<typeof fovea>,
    folder: string,
    write: (plan: object) => Effect.Effect<void>,
    read: (file: string) => Effect.Effect<string>
  ) => Effect.Effect<void>
) =>
  inFolder((folder, fs) => {
    const write = (json: object) => Effect.orDie(fs.writeFileString(`${folder}/plan.json`, JSON.stringify(json)))
    const read = (file: string) => Effect.orDie(fs.readFileString(`${folder}/${file}`))
    const store = ["--store", `sqlite:${folder}/sweeps.sqlite`]
    return Effect.andThen(
      write(plan),
      test((...args) => fovea(...args, ...store), folder, write, read)
    )
  })

describe("fovea sweep", () => {
  it.live("run trains a plan's points once, and results, status and retry tell of them", () =>
    inSweepFolder(planOf({ images: { samples: 4, times: 3 } }), (sweep, folder, write, read) =>
      Effect.gen(function* () {
        const run = [
          "sweep",
          "run",
          `${folder}/plan.json`,
          "--jobs",
          "1",
          "--backend",
          "reference",
          "--out",
          `${folder}/out`
        ]
        const ended = yield* sweep(...run)
        assert.strictEqual(ended.code, 0, ended.stderr)
        const results = JSON.parse(yield* read("out/results.json"))
        assert.strictEqual(results.points.length, 2)
        for (const { standing, update, state } of results.points) {
          assert.deepStrictEqual([standing, update], ["trained", 12])
          assert.match(state, /^[0-9a-f]{64}$/)
        }
        // Three times in less than an epoch, and in its own log each is called by what tells it from the others.
        const page = yield* read("out/index.html")
        for (const update of [4, 8, 12]) assert.include(page, `name="update" value="${update}"`)
        const log = yield* read(`sweeps-points/${results.points[0].id}/log.jsonl`)
        assert.include(log, `"name":"grid: seed ${results.points[0].seed}"`)
        const csv = yield* read("out/results.csv")
        assert.strictEqual(csv.trim().split("\r\n").length, 3)

        // A larger plan trains only what is new; the others keep their results, to the bit.
        yield* write(planOf({ name: "larger", seeds: 3, images: { samples: 4, times: 3 } }))
        const larger = yield* sweep(...run)
        assert.include(larger.stdout, "larger: 3 points, 1 new, 2 were there (2 finished)")
        const more = JSON.parse(yield* read("out/results.json"))
        assert.deepStrictEqual(more.points.slice(0, 2), results.points)

        const status = yield* sweep("sweep", "status")
        assert.match(status.stdout, /grid +0 +0 +2 +0 +0 +100%\nlarger +0 +0 +3/)
        assert.include((yield* sweep("sweep", "retry", "larger")).stdout, "0 points to be trained again")
        // Another plan under the same name.
        yield* write(planOf({ seeds: 4 }))
        const conflict = yield* sweep("sweep", "submit", `${folder}/plan.json`, "--backend", "reference")
        assert.match(messageOf(conflict), /already has a sweep grid with another plan/)
      })
    )
  )

  it.live("submit, worker and cancel work by themselves, and a worker takes only what its engine can train", () =>
    inSweepFolder(planOf(), (sweep, folder) =>
      Effect.gen(function* () {
        const submit = ["sweep", "submit", `${folder}/plan.json`, "--backend", "reference"]
        assert.include((yield* sweep(...submit)).stdout, "grid: 2 points, 2 new")
        const other = messageOf(yield* sweep("worker", "--backend", "tfjs-cpu"))
        assert.include(other, "2 points for the engine reference, and this worker computes by tfjs-cpu")
        assert.include((yield* sweep("sweep", "cancel", "grid")).stdout, "2 points will not be trained")
        assert.strictEqual((yield* sweep("worker", "--backend", "reference")).code, 0)
        assert.match((yield* sweep("sweep", "status", "grid")).stdout, /grid \(cancelled\) +0 +0 +0 +0 +2/)
        assert.include((yield* sweep(...submit)).stdout, "2 were there (0 finished)")
        const worked = yield* sweep("worker", "--backend", "reference")
        assert.include(worked.stdout, "grid, seed 2: trained after 12 of 12 updates")
        assert.match((yield* sweep("sweep", "watch", "grid")).stdout, /grid: 2 of 2 finished/)
      })
    )
  )

  it.live("a worker leaves points whose data differ here to others, and says so", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const store = ["--store", `sqlite:${folder}/sweeps.sqlite`, "--backend", "reference"]
        const data = `${folder}/images`
        const draw = (brightness: number) =>
          Effect.forEach(
            Array.from({ length: 12 }, (_, i) => i),
            (i) =>
              Effect.promise(() =>
                sharp({ create: { width: 5, height: 6, channels: 3, background: { r: brightness, g: i, b: 0 } } })
                  .png()
                  .toFile(`${data}/${i}.png`)
              )
          )
        yield* fs.makeDirectory(data)
        yield* draw(10)
        const dataset = { kind: "folder", directory: data }
        const plan = planOf({ settings: { ...settings, dataset }, seeds: 1 })
        yield* fs.writeFileString(`${folder}/plan.json`, JSON.stringify(plan))
        assert.include((yield* fovea("sweep", "submit", `${folder}/plan.json`, ...store)).stdout, "1 point, 1 new")
        yield* draw(20)
        const message = messageOf(yield* fovea("worker", ...store))
        assert.match(message, /Left are 1 point for other data than there are here: .* differs: SHA-256/)
        assert.match((yield* fovea("sweep", "status", ...store.slice(0, 2))).stdout, /grid +1 +0 +0 +0/)
        yield* draw(10)
        assert.strictEqual((yield* fovea("worker", ...store)).code, 0)
      })
    )
  )

  it.live(
    "measures the samples of every point by one classifier where the plan asks for it, once",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          for (const [prefix, count] of [
            ["train", 60],
            ["t10k", 20]
          ] as const) {
            const { pixels } = syntheticImages({ count, channels: 1, height: 6, width: 5, seed: 0, stream: prefix })
            const labels = Uint8Array.from({ length: count }, (_, i) => i % 2)
            const images = encodeIdx({ shape: [count, 6, 5], values: pixels })
            yield* fs.writeFile(`${folder}/${prefix}-images-idx3-ubyte`, images)
            yield* fs.writeFile(`${folder}/${prefix}-labels-idx1-ubyte`, encodeIdx({ shape: [count], values: labels }))
          }
          const dataset = { kind: "idx", directory: folder }
          const axes = [{ path: "model.glimpses", values: [1, 2] }]
          const plan = planOf({ settings: { ...settings, dataset }, axes, measure: { samples: 40 } })
          yield* fs.writeFileString(`${folder}/plan.json`, JSON.stringify(plan))
          const flags = [
            ...["--store", `sqlite:${folder}/sweeps.sqlite`, "--out", `${folder}/out`],
            ...["--classifier", `${folder}/classifier`]
          ]
          const ended = yield* fovea("sweep", "run", `${folder}/plan.json`, "--jobs", "1", ...flags)
          assert.strictEqual(ended.code, 0, ended.stderr)
          const read = Effect.map(fs.readFileString(`${folder}/out/results.json`), JSON.parse)
          const results = yield* read
          assert.deepStrictEqual(results.best, { measure: "frechetDistance", goal: "lowest" })
          for (const { measures } of [...results.axes[0].groups, ...results.combinations]) {
            for (const name of ["frechetDistance", "classEntropy", "confidence"]) {
              assert.strictEqual(measures[name].n, 2)
              assert.isAtLeast(measures[name].deviation, 0)
            }
            assert.isAbove(measures.frechetDistance.mean, 0)
          }
          assert.match(yield* fs.readFileString(`${folder}/out/results.csv`), /^id,.*,frechetDistance,classEntropy,/)
          assert.include(yield* fs.readFileString(`${folder}/out/index.html`), '<th scope="col">frechetDistance</th>')
          // Read from what was measured: points that are gone are not missed.
          yield* fs.remove(`${folder}/sweeps-points`, { recursive: true })
          assert.strictEqual((yield* fovea("sweep", "results", "grid", ...flags)).code, 0)
          assert.deepStrictEqual((yield* read).points, results.points)
        }).pipe(Effect.orDie)
      ),
    120_000
  )

  it.live("says what is wrong with a plan before anything is queued, and with a store", () =>
    inSweepFolder({ name: "grid", seeds: 2, settings }, (sweep, folder, write) =>
      Effect.gen(function* () {
        const submit = ["sweep", "submit", `${folder}/plan.json`, "--backend", "reference"]
        const refused = (plan: object) =>
          Effect.gen(function* () {
            yield* write(plan)
            return messageOf(yield* sweep(...submit))
          })
        const axis = { path: "model.glimpsez", values: [2] }
        assert.include(
          yield* refused(planOf({ axes: [axis] })),
          'plan.json: axes: "model.glimpsez": there is no such setting'
        )
        const outside = { path: "training.batchSize", values: [4, 100] }
        assert.include(
          yield* refused(planOf({ axes: [outside] })),
          "a batch of 100 cannot be taken from 24 training images"
        )
        assert.include(
          yield* refused(planOf({ best: { measure: "fid", goal: "lowest" } })),
          'plan.json: best.measure: these trainings measure discriminatorLoss, generatorLoss, realAccuracy, generatedAccuracy, discriminatorGradientNorm, generatorGradientNorm, and no "fid"'
        )
        assert.include(yield* refused(planOf({ axis: [] })), "plan.json: axis: there is no such setting")
        assert.include(
          yield* refused(planOf({ unconfirmed: 1 })),
          "this plan has 2 points, more than the 1 that go unconfirmed: add --yes"
        )
        assert.include(messageOf(yield* sweep("sweep", "status")), "there is no such file")
        const password = yield* fovea("sweep", "status", "--store", "postgres://me:secret@localhost/x")
        assert.notInclude(messageOf(password), "secret")
        assert.include(messageOf(yield* fovea("sweep", "status", "--store", "mysql:x")), "sqlite:FILE or postgres://")
        assert.match(usageOf(yield* fovea("worker", "--jobs", "0")), /whole number/)
      })
    )
  )
})
