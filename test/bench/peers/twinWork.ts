import { spawn } from "node:child_process"
import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import { settingsFrom } from "../../../src/domain/experiment/presets.ts"
import { Dataset } from "../../../src/layers/dataset/Dataset.ts"
import { ContestantError } from "../contestants/startContestant.ts"
import { python, workFolder } from "../contestants/startPython.ts"
import { peerWork } from "../measure/systems.ts"
import { systems } from "../systems.ts"

/** What of the preset `paper` the twin takes from its settings; all else of the model is written into the peer. */
const taken: ReadonlyArray<string> = [
  "windowScale",
  "initialHiddenDeviation",
  "readingStart",
  "writingStart",
  "latentSize"
]

/** The model that the peer is written for. */
const written = JSON.stringify({
  kind: "attention-gan",
  filters: 5,
  glimpses: 6,
  units: 256,
  activation: { generator: "tanh", discriminator: "tanh" },
  canvas: "sigmoid",
  canvasStart: "marginals"
})

/** What is asked of a twin: to draw samples after some epochs, or, for a test, to do its first updates. */
export type TwinTask =
  | { readonly epochs: ReadonlyArray<number>; readonly samples: number }
  | { readonly updates: number }

/**
 * Trains the twin of the preset `paper` (`twin.py`) on the `Dataset`'s training images with a seed, in a folder of its own; where it was cut it goes
 * on. Fails with a `ContestantError` if Python does, or if the preset is no longer what the twin is written for.
 */
export const trainTwin = Effect.fnUntraced(function* (folder: string, seed: number, task: TwinTask) {
  const { training: set } = yield* Dataset
  const { model, training } = yield* Effect.fromResult(settingsFrom("paper"))
  const fixed = JSON.stringify(Object.fromEntries(Object.entries(model).filter(([key]) => !taken.includes(key))))
  if (fixed !== written || training.objective !== "adversarial" || training.sharedNoise) {
    const problem = `is written for ${written} with latents drawn anew for each player; the preset is ${fixed}`
    return yield* new ContestantError({ contestant: "the twin", problem })
  }
  const made = systems["paper"]
  if (made === undefined) return yield* Effect.die(new Error("there is no system paper"))
  const { setup: system } = peerWork("paper", yield* Effect.orDie(made))
  const work = yield* workFolder
  const images = { file: join(work, "images"), shape: [set.count, set.height, set.width] }
  const setup = { folder: resolve(folder), images, seed, model, batch: training.batchSize, system, ...task }
  yield* Effect.promise(async () => {
    await mkdir(folder, { recursive: true })
    await writeFile(images.file, set.pixels)
    await writeFile(join(work, "setup.json"), JSON.stringify(setup))
  })
  yield* runPython(join(work, "setup.json"))
}, Effect.scoped)

const runPython = (setup: string): Effect.Effect<void, ContestantError> =>
  Effect.callback((resume) => {
    const script = fileURLToPath(new URL("twin.py", import.meta.url))
    const child = spawn(python, [script, setup], { stdio: ["ignore", "inherit", "pipe"] })
    let told = ""
    child.stderr.on("data", (text) => {
      told = `${told}${text}`.slice(-2000)
    })
    const failed = (problem: string) => Effect.fail(new ContestantError({ contestant: "the twin", problem }))
    child.once("error", ({ message }) => resume(failed(message)))
    child.once("exit", (code) => resume(code === 0 ? Effect.void : failed(`ended with code ${code}: ${told.trim()}`)))
    return Effect.sync(() => void child.kill())
  })
