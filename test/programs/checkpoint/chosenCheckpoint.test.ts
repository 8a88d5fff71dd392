import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { deepMerge } from "../../../src/domain/experiment/presets.ts"
import { fovea, inFolder, messageOf, trainedRun } from "../cli/commandLine.ts"
import { tinyJson } from "../training/tinyExperiment.ts"

/** A run of two epochs, six updates each: checkpoints after 6 and 12, milestones after the same. */
const trained = (folder: string) => trainedRun(folder, deepMerge(tinyJson, { reporting: { milestoneEpochs: [1] } }))

const six = "update-00000006"
const twelve = "update-00000012"

describe("a checkpoint can be named", () => {
  it.live("by any folder or file that holds it, by its update or by its epoch", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const drawn = Effect.fnUntraced(function* (path: string, ...choice: ReadonlyArray<string>) {
          const out = `${folder}/drawn.npy`
          const ended = yield* fovea("sample", "--checkpoint", path, "--count", "3", "--out", out, ...choice)
          assert.strictEqual(ended.code, 0, `${path} ${choice.join(" ")}: ${ended.stderr}`)
          return Buffer.from(yield* fs.readFile(out)).toString("base64")
        })
        const last = yield* drawn(run)
        const first = yield* drawn(`${run}/checkpoints/${six}`)
        assert.notStrictEqual(first, last)
        yield* fs.copy(`${run}/checkpoints/${six}`, `${folder}/the best one`)
        yield* fs.copy(`${run}/checkpoints/${twelve}`, `${folder}/${twelve}.damaged`)
        yield* fs.rename(`${run}/checkpoints/${six}`, `${run}/checkpoints/${six}.replaced`)
        for (const [path, ...choice] of [
          [run, "--update", "6"],
          [run, "--epoch", "1"],
          [`${run}/checkpoints`, "--update", "6"],
          [`${run}/milestones`, "--epoch", "1"],
          [`${run}/milestones/${six}`],
          [`${run}/milestones/${six}/`, "--update", "6"],
          [`${run}/milestones/${six}/tensors.safetensors`],
          [`${run}/checkpoints/${six}.replaced/manifest.json`],
          [`${folder}/the best one`],
          [`${folder}/the best one/tensors.safetensors`]
        ] as const) {
          assert.strictEqual(yield* drawn(path, ...choice), first, `${path} ${choice.join(" ")}`)
        }
        for (const [path, ...choice] of [
          [`${run}/`],
          [run, "--epoch", "2"],
          [`${run}/checkpoints`],
          [`${run}/milestones`],
          [`${folder}/${twelve}.damaged`]
        ] as const) {
          assert.strictEqual(yield* drawn(path, ...choice), last, `${path} ${choice.join(" ")}`)
        }
      })
    )
  )

  it.live("for every command that reads one", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const said = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
          const ended = yield* fovea(...args)
          assert.strictEqual(ended.code, 0, ended.stderr)
          return ended.stdout
        })
        const tensors = `${run}/checkpoints/${six}/tensors.safetensors`
        assert.match(yield* said("windows", "--checkpoint", tensors, "--count", "2"), /update 6, latents of seed 1/)
        assert.match(
          yield* said("evaluate", "--checkpoint", run, "--update", "6", "--count", "24", "--classifier", "none"),
          /update 6, latents of seed 1/
        )
        assert.match(
          yield* said("export", "--checkpoint", `${run}/milestones`, "--update", "6", "--out", `${folder}/onnx`),
          /^.*\/generator\.onnx$/
        )
        assert.match(
          yield* said("import", "--parameters", tensors, "--like", run, "--epoch", "1", "--out", `${folder}/imported`),
          /imported\/checkpoints\/update-00000006$/
        )
        const drawn = `${folder}/x.npy`
        yield* said("sample", "--checkpoint", `${folder}/imported`, "--count", "1", "--out", drawn)
        for (const place of [`${run}/checkpoints/${six}`, `${run}/milestones/${six}`, tensors]) {
          assert.match(yield* said("replay", place), /^Updates 1 to 6 of tiny, seed 1: 1 .* 1 states are the same/)
        }
        assert.match(yield* said("replay", run, "--epoch", "1"), /^Updates 1 to 6 of tiny/)
        for (const place of [`${run}/checkpoints`, `${run}/milestones`]) {
          assert.match(yield* said("replay", place, "--updates", "12"), /12 records of metrics and 4 states/)
        }
        assert.isTrue(yield* fs.exists(drawn))
      })
    )
  )

  it.live("and what cannot be meant is answered by what is there", () =>
    inFolder((folder, fs) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const refused = (path: string, ...choice: ReadonlyArray<string>) =>
          Effect.map(fovea("sample", "--checkpoint", path, "--out", `${folder}/x.npy`, ...choice), (ended) =>
            messageOf(ended).replaceAll(folder, "~")
          )
        const both = "checkpoints of updates 6, 12, milestones of updates 6, 12"
        const taken =
          "What is taken: the folder of a run, its checkpoints or milestones, one of these, or the manifest.json or tensors.safetensors in one"
        yield* fs.makeDirectory(`${folder}/empty`)
        yield* fs.makeDirectory(`${folder}/stuff`)
        yield* fs.writeFileString(`${folder}/stuff/notes\u001b.txt`, "a note")
        yield* fs.makeDirectory(`${folder}/reproduction/several/other`, { recursive: true })
        yield* fs.copy(run, `${folder}/reproduction/main`)
        yield* fs.copy(run, `${folder}/reproduction/several/baseline`)
        yield* fs.copyFile(`${run}/checkpoints/${six}/tensors.safetensors`, `${folder}/weights.safetensors`)
        yield* fs.copy(`${run}/checkpoints/${six}`, `${folder}/spoilt`)
        yield* fs.writeFileString(`${folder}/spoilt/manifest.json`, "{}")
        yield* fs.copy(run, `${folder}/bare`)
        yield* fs.remove(`${folder}/bare/log.jsonl`)
        yield* fs.copy(`${run}/milestones`, `${folder}/generators/milestones`)
        for (const [message, path, ...choice] of [
          [`--checkpoint: ~/run holds no checkpoint of update 7, but ${both}`, run, "--update", "7"],
          [`--checkpoint: ~/run holds no checkpoint of epoch 5 (update 30), but ${both}`, run, "--epoch", "5"],
          ["--epoch: contradicts --update: give one of the two", run, "--update", "6", "--epoch", "1"],
          [
            "--checkpoint: ~/run/checkpoints holds no checkpoint of update 0, but those of updates 6, 12",
            `${run}/checkpoints`,
            "--update",
            "0"
          ],
          [
            "--checkpoint: ~/run/checkpoints/update-00000006 is the checkpoint of update 6, not of update 12",
            `${run}/checkpoints/${six}/manifest.json`,
            "--update",
            "12"
          ],
          [
            "--checkpoint: there is no file or folder ~/run/checkpoints/update-00000007; ~/run/checkpoints holds checkpoints of updates 6, 12",
            `${run}/checkpoints/update-00000007`
          ],
          [
            "--checkpoint: ~/reproduction is no run, but holds 2 runs: name ~/reproduction/main or ~/reproduction/several/baseline",
            `${folder}/reproduction`
          ],
          [
            "--checkpoint: there is no checkpoint in ~/empty: it is empty. Train a model first, or name the folder of a run",
            `${folder}/empty`
          ],
          [`--checkpoint: there is no checkpoint in ~/stuff: it holds "notes\\u001b.txt". ${taken}`, `${folder}/stuff`],
          [`--checkpoint: ~/config.json is no file of a checkpoint. ${taken}`, `${folder}/config.json`],
          [
            "--checkpoint: ~/weights.safetensors is no file of a checkpoint. Tensors alone do not say of what model they are; fovea import makes a checkpoint of them",
            `${folder}/weights.safetensors`
          ],
          ["~/spoilt/manifest.json is damaged: .*", `${folder}/spoilt/tensors.safetensors`],
          [
            "--epoch: only a run's log tells how many updates an epoch takes, and ~/bare/log.jsonl cannot be read (.*): give --update",
            `${folder}/bare`,
            "--epoch",
            "1"
          ],
          [
            "--checkpoint: ~/generators has no checkpoint to go on from, but milestones of updates 6, 12: name one of them",
            `${folder}/generators`
          ]
        ] as const) {
          const said = yield* refused(path, ...choice)
          const [before = "", after] = message.split(".*")
          assert.strictEqual(said.slice(0, before.length), before)
          if (after === undefined) assert.strictEqual(said, message)
          else assert.isTrue(said.endsWith(after), said)
        }
      })
    )
  )

  it.live("and a classifier by its checkpoint, but not by a run", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const run = yield* trained(folder)
        const ended = yield* fovea("evaluate", "--checkpoint", run, "--count", "4", "--classifier", run)
        assert.match(
          messageOf(ended),
          /^--classifier: .*run is the folder of a run: name that of a classifier, or a new one$/
        )
      })
    )
  )
})
