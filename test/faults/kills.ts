import { existsSync, readdirSync } from "node:fs"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { uniform } from "../../src/domain/random/noise.ts"
import { CheckpointStore } from "../../src/layers/checkpoint/CheckpointStore.ts"
import { layerFileSystem } from "../../src/layers/checkpoint/fileSystem.ts"
import { readJsonLines } from "../../src/layers/log/readJsonLines.ts"
import type { FaultCount, FaultPart } from "./FaultPart.ts"
import { pause, type SmallRun, start, stateOf, updatesIn, withSmallRun } from "./smallRun.ts"

/** Updates between two checkpoints: one epoch of the small model. */
const interval = 6

const settings = {
  reporting: { logEveryUpdates: 1, checkpointEveryEpochs: 1, picturesEveryEpochs: 1000, milestoneEpochs: [10, 30] }
}

interface Tally {
  kills: number
  /** Kills while a checkpoint was being written, or an old one removed. */
  inWrites: number
  /** Kills before the process had told of its start. */
  early: number
  trainings: number
  /** Updates made again after a kill: the most of any. */
  mostRepeated: number
  readonly problems: Array<string>
}

/** What a killed run left: its newest checkpoint, loaded and checked, and the last update that its log tells of. */
const leftIn = ({ run, checkpoints }: SmallRun) =>
  Effect.gen(function* () {
    const store = yield* CheckpointStore
    const newest = Option.match(yield* store.latest, {
      onNone: () => 0,
      onSome: ({ description }) => description.update
    })
    if (!existsSync(join(run, "log.jsonl"))) return { newest, told: 0 }
    const { records } = yield* readJsonLines(join(run, "log.jsonl"))
    const told = records.flatMap(({ event }) => (event._tag === "Progress" ? [event.update] : []))
    return { newest, told: Math.max(0, ...told) }
  }).pipe(
    Effect.provide(layerFileSystem({ directory: checkpoints })),
    Effect.provide(NodeServices.layer),
    Effect.runPromise
  )

/** What a save that is under way, or was killed, has in the folder. */
const scratchIn = (checkpoints: string): ReadonlyArray<string> =>
  existsSync(checkpoints)
    ? readdirSync(checkpoints).filter((name) => /^\.(saving|removing)-|\.replaced$/.test(name))
    : []

/** Kills one training again and again until it has come to its end, and compares that with one that nobody killed. */
const killAgainAndAgain = (
  tally: Tally,
  { epochs, wanted }: { readonly epochs: number; readonly wanted: number },
  draw: () => number
): Promise<void> =>
  withSmallRun({ ...settings, training: { epochs } }, async (small) => {
    const end = epochs * interval
    tally.trainings++
    const whole = start(small.train("whole")).ended
    let before = 0
    for (;;) {
      const leftBefore = scratchIn(small.checkpoints)
      const isWriting = () => scratchIn(small.checkpoints).some((name) => !leftBefore.includes(name))
      const process = start(small.train())
      // A third dies anywhere from its start on, the others while they train, half of these as soon as a checkpoint is begun.
      const kind = draw()
      if (kind < 1 / 3) await Promise.race([process.ended, pause(1500 * draw())])
      else {
        await process.shown(`/${end}  epoch`)
        await Promise.race([process.ended, pause(400 * draw())])
        const until = performance.now() + 500
        if (kind > 2 / 3) while (!isWriting() && performance.now() < until) await pause(0)
      }
      const enough = tally.kills >= wanted
      if (!enough) process.kill("SIGKILL")
      const { code, stdout, stderr } = await process.ended
      if (code !== null) {
        if (code !== 0) tally.problems.push(`ended with ${code}: ${stderr}`)
        break
      }
      tally.kills++
      if (isWriting()) tally.inWrites++
      if (!stdout.includes("epoch")) tally.early++
      const { newest, told } = await leftIn(small)
      if (newest < before) tally.problems.push(`back from update ${before} to ${newest}`)
      tally.mostRepeated = Math.max(tally.mostRepeated, told - newest)
      if (told - newest > interval) tally.problems.push(`update ${told} was done, but only ${newest} is kept`)
      before = newest
    }
    const { code } = await whole
    if (code !== 0) tally.problems.push(`the uninterrupted run ended with ${code}`)
    const same =
      updatesIn(small.checkpoints).at(-1) === end &&
      stateOf(small.checkpoints, end).equals(stateOf(join(small.folder, "whole/checkpoints"), end))
    if (!same) tally.problems.push("the end is not that of the uninterrupted run")
  })

/** `kill -9` at random moments: real processes, the real command line. */
export const kills: FaultPart = {
  name: "kill -9",
  run: async ({ size, seed }) => {
    const wanted = size === "full" ? 200 : 1
    // Enough that all kills of the short version, or several of the full one, fall into one training.
    const epochs = size === "full" ? 60 : 30
    const tally: Tally = { kills: 0, inWrites: 0, early: 0, trainings: 0, mostRepeated: 0, problems: [] }
    let draws = 0
    const draw = (): number => uniform({ seed, stream: "kills", step: draws++ }, 1)[0] ?? 0
    const worker = async (): Promise<void> => {
      while (tally.kills < wanted) await killAgainAndAgain(tally, { epochs, wanted }, draw)
    }
    await Promise.all(size === "full" ? [worker(), worker()] : [worker()])
    const { problems, trainings, inWrites, early, mostRepeated } = tally
    const [first] = problems
    const count: FaultCount = {
      what: "kill -9 of a training at a random moment",
      tried: tally.kills,
      losses: problems.length,
      note:
        first ??
        `${trainings} trainings, ${inWrites} kills within a checkpoint's writing or removal, ${early} before the first update was told of; at most ${mostRepeated} updates repeated (checkpoints every ${interval}); ends equal to the bit`
    }
    return [count]
  }
}
