import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { presetNames } from "../../../src/domain/experiment/presets.ts"
import { commandHabits, flagHabits } from "../../../src/programs/cli/habits.ts"
import { fovea, foveaProcess, inFolder, messageOf, usageOf, writeConfig } from "./commandLine.ts"

describe("a command that is wrong", () => {
  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [["trian"], 'there is no command "trian". Did you mean train?'],
    [["resume"], 'there is no command "resume": fovea train goes on by itself where the same --out holds a run'],
    [["--nope"], "fovea has no flag --nope"],
    [["train", "--nope"], "fovea train has no flag --nope"],
    [["train", "--updats", "3"], "fovea train has no flag --updats. Did you mean --updates?"],
    [["TRAIN"], 'there is no command "TRAIN". Did you mean train?'],
    [["train", "--ep", "3"], "fovea train has no flag --ep. Did you mean --epochs?"],
    [["train", "--learn", "3"], "fovea train has no flag --learn. Did you mean --learning-rate?"],
    [["evaluate", "--samples", "a", "--checkpoint", "b"], "--checkpoint: contradicts --samples: give one of the two"],
    [["evaluate", "--samples", "a", "--seed", "1"], "--seed: goes with --checkpoint; of --samples all are measured"],
    [["evaluate"], "--checkpoint: is missing: give --checkpoint RUN, or --samples with a folder or a .npy file"],
    [["train", "--keepLast", "3"], "fovea train has no flag --keepLast. Did you mean --keep-last?"],
    [["train", "--batch_size=3"], "fovea train has no flag --batch_size. Did you mean --batch-size?"],
    [["train", "-o", "x"], "fovea train has no flag -o: use --out PATH"],
    [
      ["train", "--resume"],
      "fovea train has no flag --resume: a run goes on by itself: give the same command with the same --out"
    ],
    [
      ["train", "--device", "cuda"],
      "fovea train has no flag --device: use --backend NAME; fovea doctor lists what is there"
    ],
    [["sample", "--num_samples", "3"], "fovea sample has no flag --num_samples: use --count N"],
    [["export", "--ckpt", "x"], "fovea export has no flag --ckpt: use --checkpoint RUN"],
    [["train", "here"], '<module>: expected a module (a file ending in .ts, .mts, .js or .mjs), not "here"'],
    [["verify"], "<folder> is missing"],
    [["verify", "a", "b"], 'fovea verify takes <folder>, but "b" is given as well'],
    [["train", "--seed", "1", "--seed", "2"], "--seed is given 2 times: give it once"],
    [["train", "--seed"], "--seed needs a value: integer"],
    [["train", "--out", ""], "--out needs a value: a path"],
    [["train", "--no-figures=1"], "--no-figures takes no value"],
    [
      ["train", "--preset", "nope"],
      `--preset: expected ${presetNames.map((name) => `"${name}"`).join(" | ")}, not "nope"`
    ],
    [["train", "--epochs", "0"], '--epochs: expected a whole number of at least 1, not "0"'],
    [["train", "--epochs", "-2"], '--epochs: expected a whole number of at least 1, not "-2"'],
    [
      ["train", "--seed", "9007199254740993"],
      '--seed: expected a whole number from 0 to 9007199254740991, not "9007199254740993"'
    ],
    [["train", "--updates", "1.5"], '--updates: expected a whole number of at least 1, not "1.5"'],
    [["train", "--seed", "one\ntwo"], '--seed: expected a whole number of at least 0, not "one\\ntwo"'],
    [["train", "--learning-rate", "0"], '--learning-rate: expected a number greater than 0, not "0"'],
    [["train", "--size", "32,24"], '--size: expected rows and columns in pixels, such as 32 or 32x24, not "32,24"'],
    [["train", "--epochs", "3", "--updates", "4"], "--epochs: contradicts --updates: give one of the two"],
    [["train", "--dataset", "folder:"], '--dataset: expected the path of a folder behind "folder:"'],
    [
      ["train", "--size", "32"],
      '--size: is for a folder of images (--dataset folder:PATH), not for the data set "mnist", whose images are as they are'
    ],
    [["reproduce", "--quick", "--plan", "mine.json"], "--quick: contradicts --plan"],
    [
      ["reproduce", "--only", "paper,nothing"],
      '--only: the plan "reproduction" has no experiment "nothing", but paper, baseline, four-filters, zero-canvas'
    ],
    [["reproduce", "--replicas", "0"], '--replicas: expected a whole number from 1 to 1000, not "0"'],
    [["sample", "--checkpoint", "x"], "--out is missing"],
    [
      ["sample", "--checkpoint", "x", "--out", "a.png", "--count", "0"],
      '--count: expected a whole number from 1 to 1000000, not "0"'
    ]
  ])("%j", ([args, message]) =>
    Effect.gen(function* () {
      assert.strictEqual(usageOf(yield* fovea(...args)), message)
    })
  )

  it.effect("says every fault at once, and where the help is", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* foveaProcess(["train", "--lr", "3", "--resume"])
      assert.deepStrictEqual([code, stdout], [2, ""])
      const lines = stderr.split("\n").filter((line) => line !== "")
      assert.strictEqual(lines[0], "ERRORS")
      assert.match(lines[1] ?? "", /--lr: use --learning-rate/)
      assert.match(lines[2] ?? "", /--resume: a run goes on by itself/)
      assert.deepStrictEqual(lines.slice(3), ["See fovea train --help"])
    })
  )

  it.effect("is another thing than a world that is wrong, which ends with 1", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const config = yield* writeConfig(folder, { model: { filterz: 3 } })
        for (const [args, message] of [
          [["train", "--config", config], /model\.filterz: there is no such setting/],
          [["train", "--config", `${folder}/none.json`], /the config file is not there/],
          [["sample", "--checkpoint", `${folder}/none`, "--out", "a.png"], /there is no/i],
          [["reproduce", "--plan", "/nowhere.json"], /neither a file nor a bundled plan/]
        ] as const) {
          const ended = yield* fovea(...args)
          assert.strictEqual(ended.code, 1)
          assert.match(messageOf(ended), message)
        }
      })
    )
  )
})

describe("habits", () => {
  it("are known by one answer each, in the spelling in which they are looked up", () => {
    for (const habits of [flagHabits, commandHabits]) {
      for (const { names, answer } of habits) {
        for (const name of names) assert.match(name, /^[a-z0-9]+$/)
        assert.isNotEmpty(answer)
      }
      const anywhere = habits.filter(({ on }) => on === undefined).flatMap(({ names }) => names)
      // Two entries without `on` cannot both be found; of the data's and the output's names the first is meant.
      const twice = anywhere.filter((name, i) => anywhere.indexOf(name) !== i)
      assert.deepStrictEqual(twice, [])
    }
  })

  it.effect("are answered by flags that there are", () =>
    Effect.gen(function* () {
      const commands = ["train", "sample", "evaluate", "windows", "export", "import", "reproduce", "explain"]
      const helps = yield* Effect.forEach(commands, (command) => fovea(command, "--help"))
      const all = helps.map(({ stdout }) => stdout).join("\n")
      const named = [...flagHabits, ...commandHabits].flatMap(({ answer }) => answer.match(/--[a-z][a-z-]+/g) ?? [])
      for (const flag of new Set(named)) assert.include(`${all}\n--version`, flag)
    })
  )
})
