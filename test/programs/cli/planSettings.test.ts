import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { attention, command, prepare, resultsIn, tinyPlan } from "../../support/tinyReproduction.ts"
import { fovea, inFolder, messageOf } from "./commandLine.ts"

describe("fovea reproduce", () => {
  it.live("of settings that do not suit the data leaves no folder, and names the experiment", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        yield* prepare(folder, fs)
        const changed = JSON.parse(yield* fs.readFileString(`${folder}/plan.json`))
        changed.experiments[1].settings = deepMerge(Object(changed.experiments[1].settings), {
          training: { batchSize: 5000 }
        })
        yield* fs.writeFileString(`${folder}/plan.json`, JSON.stringify(changed))
        const before = yield* fs.readDirectory(folder)
        const ended = yield* command("reproduce", folder, "--tensorboard")
        assert.match(
          messageOf(ended),
          /^baseline: training\.batchSize: a batch of 5000 cannot be taken from \d+ training/
        )
        assert.sameMembers([...(yield* fs.readDirectory(folder))], [...before])
      })
    )
  )
})

describe("the classifier of a plan", () => {
  it.live(
    "is trained as short as the plan says and in the plan's own folder, and --quiet says nothing of it",
    () =>
      inFolder((folder, fs) =>
        Effect.gen(function* () {
          const settings = deepMerge(attention, { training: { batchSize: 100 } })
          const evaluation = { ...tinyPlan.evaluation, classifierEpochs: 23 }
          const experiments = [{ preset: "paper", settings }]
          yield* prepare(folder, fs, { ...tinyPlan, experiments, evaluation }, 1320)
          const plan = ["--plan", `${folder}/plan.json`, "--dataset", `${folder}/data`, "--out", `${folder}/run`]
          const { code, stdout } = yield* fovea("reproduce", ...plan, "--quiet")
          assert.deepStrictEqual([code, stdout], [0, ""])
          // Eleven updates an epoch: thirteen more than the least that any classifier makes.
          const [checkpoint] = yield* fs.readDirectory(`${folder}/run/evaluation/classifier`)
          assert.strictEqual(checkpoint, "update-00000253")
          assert.strictEqual((yield* resultsIn(folder)).classifier.epochs, 23)
        })
      ),
    120_000
  )
})
